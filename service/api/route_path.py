"""The path of a request below the prefix under which a proxy serves us."""

from starlette.types import Scope


def route_path(scope: Scope) -> str:
    """The path as our routes know it, whether or not the proxy takes its prefix (`root_path`) away."""
    path, prefix = str(scope["path"]), str(scope.get("root_path", ""))
    return path[len(prefix) :] if prefix and path.startswith(f"{prefix}/") else path
