"""A report as JUnit XML, which CI servers show: a suite an operation, a case a check or a failure of one."""

import re
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from mockserver.prove.report import Finding, Report, Tally

# What XML 1.0 has no form for, however it is escaped.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ERRORS = ("not tested",)


def as_junit(report: Report) -> str:
    """Give the text of the file."""
    root = Element("testsuites", {"name": _clean(report.title)})
    names = dict.fromkeys([*report.tallies, *(each.operation_id for each in report.findings)])
    tests = failures = errors = 0
    for name in names:
        tally = report.tallies.get(name, Tally(name))
        findings = [each for each in report.findings if each.operation_id == name]
        accepted = [each for each in report.accepted if each.operation_id == name]
        if tally.requests or findings:
            suite = _suite(root, report, tally, findings, accepted)
            tests += int(suite.get("tests", 0))
            failures += int(suite.get("failures", 0))
            errors += int(suite.get("errors", 0))
    if report.complaints:
        suite = SubElement(
            root, "testsuite", {"name": "the run", "tests": "1", "failures": "1", "errors": "0"}
        )
        case = SubElement(suite, "testcase", {"name": "it does something", "classname": "the run"})
        SubElement(case, "failure", {"message": _clean(" ".join(report.complaints)), "type": "complaint"})
        tests, failures = tests + 1, failures + 1
    root.attrib |= {"tests": str(tests), "failures": str(failures), "errors": str(errors)}
    root.set("timestamp", report.started.isoformat(timespec="seconds"))
    root.set("time", f"{sum(report.seconds.values()):.3f}")
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)


def _suite(
    root: Element, report: Report, tally: Tally, findings: Sequence[Finding], accepted: Sequence[Finding]
) -> Element:
    suite = SubElement(root, "testsuite", {"name": _clean(tally.operation_id)})
    properties = SubElement(suite, "properties")
    for name, value in _properties(report, tally):
        SubElement(properties, "property", {"name": name, "value": _clean(value)})
    shown = {*(each.check for each in findings), *(each.check for each in accepted)}
    passed = [check for check in sorted(tally.checks) if check not in shown]
    classname = _clean(f"{report.title}.{tally.operation_id}")
    for check in passed:
        SubElement(suite, "testcase", {"name": check, "classname": classname})
    for finding in findings:
        _failure(SubElement(suite, "testcase", {"name": _name(finding), "classname": classname}), finding)
    for finding in accepted:
        case = SubElement(suite, "testcase", {"name": _name(finding), "classname": classname})
        SubElement(case, "skipped", {"message": _clean(f"accepted: {finding.difference}")})
    errors = sum(each.check in _ERRORS for each in findings)
    suite.attrib |= {
        "tests": str(len(passed) + len(findings) + len(accepted)),
        "failures": str(len(findings) - errors),
        "errors": str(errors),
        "skipped": str(len(accepted)),
        "time": f"{tally.seconds:.3f}",
        "timestamp": report.started.isoformat(timespec="seconds"),
    }
    return suite


def _name(finding: Finding) -> str:
    """Give a case its name: the check, and what is wrong, so that two differences are two cases."""
    return _clean(f"{finding.check}: {finding.difference}" if finding.difference else finding.check)


def _failure(case: Element, failed: Finding) -> None:
    kind = "error" if failed.check in _ERRORS else "failure"
    element = SubElement(case, kind, {"message": _clean(failed.what), "type": failed.check})
    element.text = _clean(_told(failed))


def _told(finding: Finding) -> str:
    mend = f"To mend: {finding.mend}\n" if finding.mend else ""
    return f"{finding.what}\n{mend}{finding.repeat}"


def _properties(report: Report, tally: Tally) -> Iterator[tuple[str, str]]:
    yield "target", report.target
    yield "seed", str(report.seed)
    yield "requests", str(tally.requests)
    yield "answers", ", ".join(f"{status}: {count}" for status, count in sorted(tally.answers.items()))


def _clean(text: str) -> str:
    return _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)
