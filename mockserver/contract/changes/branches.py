"""Which alternatives of two schemas belong together, and what their discriminators say of them."""

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.contract.changes.facets import Facet, Group, Pointers
from mockserver.contract.changes.overlaps import overlap, overlap_as_described
from mockserver.contract.changes.sameness import Sameness
from mockserver.contract.changes.scalars import Told
from mockserver.contract.changes.views import View, Views
from mockserver.contract.changes.wording import is_or_are, joined, shown
from mockserver.contract.pointers import unescape

Pair = tuple[str, Pointers, Pointers]


class Branches:
    """The alternatives of the schemas of two contracts."""

    def __init__(self, old: Views, new: Views) -> None:
        self._old = old
        self._new = new
        self._sameness = Sameness(old.data, new.data)

    def compare(
        self, old: Facet, new: Facet, whole: tuple[Pointers, Pointers]
    ) -> tuple[list[Told], list[Pair]]:
        """
        Tell what changed in the alternatives, and give those that belong together, by what they are called.

        ``whole`` are the schemas that have them: where only one has any, the other may be one of them.
        """
        ours, theirs = old.groups, new.groups
        if len(ours) <= 1 and len(theirs) <= 1:
            one = ours[0] if ours else Group("", (old.branch or whole[0],))
            other = theirs[0] if theirs else Group("", (new.branch or whole[1],))
            return self._compare(one, other)
        if len(ours) == len(theirs):
            told: list[Told] = []
            pairs: list[Pair] = []
            for one, other in zip(ours, theirs, strict=True):
                found, paired = self._compare(one, other)
                told, pairs = told + found, pairs + paired
            return told, pairs
        return [_untold(ours or theirs)], []

    def compare_presence(self, old: Facet, new: Facet) -> Iterator[Told]:
        """Tell of alternatives that came beside all that was said before, or went and left it."""
        for group in new.groups:
            text = f'"{group.keyword}" is new, and refuses more'
            yield Told("rule-added", text, group.keyword)
        for group in old.groups:
            yield Told(
                "rule-removed", f'"{group.keyword}" is gone, and with it what it refused', group.keyword
            )

    def _compare(self, old: Group, new: Group) -> tuple[list[Told], list[Pair]]:
        pairs: list[Pair] = []
        left = [*new.branches]
        lost: list[Pointers] = []
        for branch in old.branches:
            partner = self._partner(branch, left)
            if partner is None:
                lost.append(branch)
            else:
                left.remove(partner)
                pairs.append((f"({self._name(self._old, branch)})", branch, partner))
        while (
            lost
            and left
            and not _component(lost[0])
            and not _component(left[0])
            and old.keyword
            and new.keyword
        ):
            one, other = lost.pop(0), left.pop(0)
            pairs.append((f"({self._name(self._old, one)})", one, other))
        if not pairs:
            return [_untold((old if old.keyword else new,))], []
        keyword = new.keyword or old.keyword
        told = [*self._compare_keywords(old, new, pairs)]
        if lost:
            names = [self._name(self._old, each) for each in lost]
            text = f"{joined(names)} {is_or_are(names)} an alternative no more"
            told.append(Told("alternative-removed", text, old.keyword or keyword))
        if left:
            names = [self._name(self._new, each) for each in left]
            text = f"{joined(names)} {is_or_are(names)} a new alternative"
            told.append(Told("alternative-added", text, keyword))
        return told, pairs

    def _compare_keywords(self, old: Group, new: Group, pairs: list[Pair]) -> Iterator[Told]:
        """Tell whether what fits several alternatives is refused now, or was: ``oneOf`` refuses that."""
        keywords = old.keyword, new.keyword
        if keywords == ("anyOf", "oneOf") and overlap(new.branches, self._new):
            text = "anyOf became oneOf: what fits several alternatives is refused now"
            yield Told("rule-added", text, new.keyword)
        elif keywords == ("oneOf", "anyOf") and overlap(old.branches, self._old):
            text = "oneOf became anyOf: what fits several alternatives was refused, and is allowed"
            yield Told("rule-removed", text, old.keyword)
        elif "oneOf" in keywords and "anyOf" not in keywords:
            is_same = len(pairs) == len(old.branches) == len(new.branches)
            if is_same and all(self._is_same(one, other) for _, one, other in pairs):
                return
            ours, theirs = (
                group.keyword == "oneOf" and overlap_as_described(group.branches, views)
                for group, views in ((old, self._old), (new, self._new))
            )
            if ours or theirs:
                text = "of values that fit several alternatives, which oneOf refuses, there are more or fewer"
                yield Told("alternatives-changed", f"{text}, or may be", "oneOf")

    def _is_same(self, old: Pointers, new: Pointers) -> bool:
        return len(old) == len(new) and all(
            self._sameness.of({"$ref": f"#{one}"}, {"$ref": f"#{other}"})
            for one, other in zip(old, new, strict=True)
        )

    def _partner(self, branch: Pointers, among: list[Pointers]) -> Pointers | None:
        """Find what is called the same, else what says the same."""
        name = _component(branch)
        if name:
            for each in among:
                if _component(each) == name:
                    return each
        return next((each for each in among if self._is_same(branch, each)), None)

    def _name(self, views: Views, branch: Pointers) -> str:
        if _component(branch):
            return _component(branch)
        title = views.of(branch).notes.get("title", ("",))[0]
        return str(title) or (branch[0].rpartition("/")[2] if branch else "anything")

    def compare_rules(self, old: Facet, new: Facet) -> Iterator[Told]:
        """Tell of the keywords that are not looked into: which there are more, fewer, or others."""
        for keyword in {**old.rules, **new.rules}:
            left = [*new.rules.get(keyword, ())]
            lost = 0
            for rule in old.rules.get(keyword, ()):
                found = next((at for at, each in enumerate(left) if self._sameness.of(rule, each)), None)
                if found is None:
                    lost += 1
                else:
                    left.pop(found)
            if lost and left:
                text = f'what "{keyword}" says changed; whether that breaks anything cannot be told'
                yield Told("rule-changed", text, keyword)
            elif lost:
                yield Told("rule-removed", f'"{keyword}" is gone, and with it what it refused', keyword)
            elif left:
                yield Told("rule-added", f'"{keyword}" is new, and refuses more', keyword)

    def compare_discriminators(self, old: View, new: View) -> Iterator[Told]:
        """Tell what changed in the names by which alternatives are told apart."""
        was, now = (_noted(view, "discriminator") for view in (old, new))
        if was is None or now is None:
            if was is not now:
                name = shown((now or was or {}).get("propertyName"))
                verb = "are told apart by" if now is not None else "are no more told apart by"
                aspect = "discriminator-dropped" if now is None else "discriminator-introduced"
                yield Told(aspect, f"alternatives {verb} {name}", "discriminator")
            return
        if was.get("propertyName") != now.get("propertyName"):
            text = (
                f"alternatives were told apart by {shown(was.get('propertyName'))}, "
                f"and are by {shown(now.get('propertyName'))}"
            )
            yield Told("discriminator-property-changed", text, "discriminator")
        before, after = _mapping(was), _mapping(now)
        lost = [each for each in before if each not in after and not self._names(new, each, before[each])]
        gained = [each for each in after if each not in before and not self._names(old, each, after[each])]
        moved = [each for each in before if each in after and before[each] != after[each]]
        if lost:
            text = f"{joined([*map(shown, lost)])} names no alternative any more"
            yield Told("discriminator-value-removed", text, "discriminator")
        if gained:
            text = f"{joined([*map(shown, gained)])} names an alternative too"
            yield Told("discriminator-value-added", text, "discriminator")
        for name in moved:
            text = f"{shown(name)} named {before[name]}, and names {after[name]}"
            yield Told("discriminator-target-changed", text, "discriminator")

    def _names(self, view: View, value: str, target: str) -> bool:
        """Tell whether a value names the same alternative anyway: by the name of the schema."""
        branches = {
            _component(branch)
            for facet in view.kinds.values()
            for group in facet.groups
            for branch in group.branches
        }
        return value == target and value in branches


def _noted(view: View, key: str) -> Mapping[str, Any] | None:
    noted = view.notes.get(key, (None,))[0]
    return noted if isinstance(noted, dict) else None


def _mapping(discriminator: Mapping[str, Any]) -> dict[str, str]:
    mapping = discriminator.get("mapping")
    return {
        str(value): unescape(str(target).rpartition("/")[2])
        for value, target in (mapping.items() if isinstance(mapping, dict) else ())
    }


def _component(branch: Pointers) -> str:
    """Give the name of the component that a branch is; nothing for what stands where it is used."""
    steps = branch[0].split("/") if len(branch) == 1 else []
    return unescape(steps[3]) if len(steps) == 4 and steps[1:3] == ["components", "schemas"] else ""


def _untold(groups: tuple[Group, ...]) -> Told:
    text = "the alternatives are others, or otherwise arranged; whether that breaks anything cannot be told"
    return Told("alternatives-changed", text, groups[0].keyword)
