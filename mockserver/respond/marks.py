"""Mark functions as handlers, and find the marked ones: marking is not registering."""

import contextlib
import importlib
import importlib.util
import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from mockserver.contract.operation import Contract
from mockserver.errors import MockServerError, nearest
from mockserver.respond.exchange import Guard, Handler

_MARK = "__mockserver_handles__"
_BESIDE = "__mockserver_beside__"  # on a module that handlers imported: the folder in which it was found
_F = TypeVar("_F", bound=Handler)


@dataclass(frozen=True, slots=True)
class Handling:
    """The function that answers one operation, and who may call it at all (everybody, without a guard)."""

    handler: Handler
    guard: Guard | None
    place: str
    file: Path


def handles(operation_id: str, *, guard: Guard | None = None) -> Callable[[_F], _F]:
    """
    Mark a function as the handler of an operation, by its ``operationId`` or as ``get /pets/{id}``.

    ``guard`` gets the caller's claims before anything else of the request is looked at, and raises a
    ``Problem(403, …)`` to refuse them.
    """

    def mark(function: _F) -> _F:
        setattr(function, _MARK, (operation_id, guard))
        return function

    return mark


def collect(contract: Contract, source: str | Path) -> Mapping[str, Handling]:
    """
    Import a module or a package (by name, or by path) and give its handlers by ``operationId``.

    Everything is imported afresh, so that an edit is seen.

    Raises:
        MockServerError: the module cannot be imported, a handler names an operation that the contract
            lacks, two handlers name the same, or one is no plain function of two.
    """
    found: dict[str, Handling] = {}
    for module in import_modules(source):
        for function in vars(module).values():
            mark = _mark_of(function)
            if mark is None or function.__module__ != module.__name__:
                continue
            named, guard = mark
            place = f"{module.__name__}.{function.__name__}"
            if not _is_handler(function):
                raise MockServerError(
                    f"{place}: a handler is a plain function of two: "
                    f"def {function.__name__}(request, store), neither more nor fewer, and not async."
                )
            operation_id = _find(contract, named)
            if operation_id is None:
                hint = nearest(_spelled(named), _names(contract))
                raise MockServerError(
                    f'{place}: handles "{named}", which {contract.name} does not have.{hint}'
                )
            if operation_id in found:
                raise MockServerError(f'{place}: "{named}" is handled by {found[operation_id].place}.')
            found[operation_id] = Handling(function, guard, place, Path(module.__file__ or ""))
    return found


def import_modules(source: str | Path) -> Iterator[ModuleType]:
    """
    Import a module, or each of a package or a folder, by name or by path.

    Raises:
        MockServerError: it is not there, or cannot be imported.
    """
    try:
        if isinstance(source, Path):
            yield from _import_files(source)
        else:
            yield from _import_package(source)
    except MockServerError:
        raise
    except (Exception, SystemExit) as error:  # whatever a user's module raises while it is imported
        place = _place_of(error)
        raise MockServerError(
            f"handlers {source}: cannot be imported: {type(error).__name__}: {error}{place}"
        ) from error


def _mark_of(function: Any) -> tuple[str, Guard | None] | None:
    return getattr(function, _MARK, None) if callable(function) else None


def _find(contract: Contract, named: str) -> str | None:
    """Give the id of the operation that is named by it, or by its method, in any case, and its path."""
    if named in contract.by_id:
        return named
    method, _, path = _spelled(named).partition(" ")
    operation = contract.by_path.get(path, {}).get(method.upper())
    return operation.operation_id if operation else None


def _names(contract: Contract) -> list[str]:
    """Give every name that an operation may be marked by, its id before its method and path."""
    paths = [f"{operation.method} {operation.path}" for operation in contract.operations]
    return list(dict.fromkeys([*contract.by_id, *paths]))


def _spelled(named: str) -> str:
    """Write a method and a path as ``get /pets/{id}``; an id stays as it is."""
    method, _, path = named.strip().partition(" ")
    return f"{method.lower()} {path.strip()}" if path.strip().startswith("/") else named


def _is_handler(function: Any) -> bool:
    if inspect.iscoroutinefunction(function):
        return False
    try:
        inspect.signature(function).bind(None, None)
    except (TypeError, ValueError):
        return False
    return True


def _import_package(name: str) -> Iterator[ModuleType]:
    before = {each: sys.modules.pop(each) for each in list(sys.modules) if _is_within(each, name)}
    importlib.invalidate_caches()
    sys.path.append("")  # a module of this folder is found too, but never in the place of an installed one
    try:
        package = importlib.import_module(name)
        infos = pkgutil.iter_modules(getattr(package, "__path__", ()))
        modules = [package, *(importlib.import_module(f"{name}.{info.name}") for info in infos)]
    except BaseException:
        # What was there goes on being what is imported: a reload may keep it in service.
        for each in [each for each in sys.modules if _is_within(each, name)]:
            del sys.modules[each]
        sys.modules.update(before)
        raise
    finally:
        sys.path.remove("")
    yield from modules


def _is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _import_files(path: Path) -> list[ModuleType]:
    if not path.exists():
        raise MockServerError(f"handlers {path}: there is no such file or folder.")
    files = [path] if path.is_file() else sorted(path.glob("*.py"))
    with _beside(path.parent if path.is_file() else path):
        return [_import_file(file) for file in files if file.name != "__init__.py"]


def _import_file(file: Path) -> ModuleType:
    name = f"mockserver_handlers_{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise MockServerError(f"handlers {file}: not a Python file.")
    module = importlib.util.module_from_spec(spec)
    before = sys.modules.get(name)
    sys.modules[name] = module  # dataclasses look their module up there
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        if before is not None:
            sys.modules[name] = before
        raise
    return module


@contextlib.contextmanager
def _beside(folder: Path) -> Iterator[None]:
    """
    Let a file import those beside it, but never in the place of an installed module.

    What was imported in this way before is forgotten first, so that an edit is seen; and what was imported
    beside the handlers of another contract is not found here.
    """
    others = {}
    for name, module in list(sys.modules.items()):
        if hasattr(module, _BESIDE):
            del sys.modules[name]
            if getattr(module, _BESIDE) != str(folder):
                others[name] = module
    importlib.invalidate_caches()
    known = set(sys.modules)
    sys.path.append(str(folder.resolve()))
    try:
        yield
    finally:
        sys.path.remove(str(folder.resolve()))
        for name in set(sys.modules) - known:
            file = getattr(sys.modules[name], "__file__", None)
            if file and Path(file).is_relative_to(folder.resolve()):
                setattr(sys.modules[name], _BESIDE, str(folder))
        sys.modules.update({name: each for name, each in others.items() if name not in sys.modules})


def _place_of(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f" ({trace.tb_frame.f_code.co_filename}:{trace.tb_lineno})" if trace else ""
