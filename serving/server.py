"""A real Triton on this machine, as a context manager: ready when entered, gone when left."""

import os
import subprocess
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import TracebackType
from typing import Self

from serving import supervisor
from serving.command import make_command, make_variables
from serving.compiled_packages import CompiledPackages
from serving.engine_cache import EngineCache
from serving.errors import EngineNotInstalled, ModelNotLoaded, PortTaken, RunFolderUnusable, StartTimeout
from serving.installation import ServerInstallation
from serving.layout import RunLayout, assemble, claim_layout
from serving.platform_support import check_platform
from serving.ports import choose_ports
from serving.preparation import prepare_repository
from serving.repository import list_models, models_by_engine
from serving.settings import TritonSettings
from serving.startup_log import StartupLog
from serving.stubs import end_stubs
from specs.deployment import PreferredEngine

_POLL_S = 0.05
_HTTP_TIMEOUT_S = 5.0
_ATTEMPTS = 3
_STOP_MARGIN_S = 10.0


class EmbeddedTriton:
    """One Triton server, its stubs and its supervisor.

    Triton runs in a session of its own, so that Ctrl-C in a terminal reaches only its owner, who decides.
    When the owner ends without leaving the context, even by SIGKILL, the supervisor stops Triton.

    Attributes:
        settings: What it was made with.
        ports: Where it listens; those of the settings until it is started.
    """

    def __init__(
        self,
        settings: TritonSettings,
        *,
        progress: Callable[[str], None] = lambda _stage: None,
        engines: EngineCache | None = None,
    ) -> None:
        """Prepare a server; nothing runs yet.

        Args:
            settings: What to serve, and where.
            progress: Takes a line at each stage of the start.
            engines: TensorRT's; None for those of the run folder, made by the server environment where it can.
        """
        self.settings = settings
        self.ports = settings.ports
        self._progress = progress
        self._engines = engines
        self._with_engines: dict[str, PreferredEngine] = {}
        self._refused: dict[str, str] = {}
        self._layout: RunLayout | None = None
        self._process: subprocess.Popen[str] | None = None
        self._pid: int | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def grpc_address(self) -> str:
        """Where gRPC is served, HOST:PORT."""
        return f"{self.settings.host}:{self.ports.grpc}"

    @property
    def http_address(self) -> str:
        """Where HTTP is served, HOST:PORT."""
        return f"{self.settings.host}:{self.ports.http}"

    @property
    def metrics_address(self) -> str:
        """Where Prometheus metrics are served, HOST:PORT."""
        return f"{self.settings.host}:{self.ports.metrics}"

    @property
    def pid(self) -> int | None:
        """Process ID of `tritonserver`, or None while it does not run."""
        return self._pid if self.is_alive else None

    @property
    def log_file(self) -> Path | None:
        """Triton's log, kept after the stop; None before the first start."""
        return self._layout.log_file if self._layout else None

    @property
    def server_id(self) -> str | None:
        """Triton's name in its own metadata, and the start of its shared memory regions' names."""
        return self._layout.server_id if self._layout else None

    @property
    def is_alive(self) -> bool:
        """Whether the server runs, ready or not."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start Triton and wait until every model is loaded and warm.

        Raises:
            ServerStartError: It cannot start; the class says why, and nothing is left running.
        """
        check_platform()
        models = list_models(self.settings.repository)
        installation = ServerInstallation.open(self.settings.environment)
        for engine, model in models_by_engine(self.settings.repository).items():
            if not installation.has(engine):
                raise EngineNotInstalled(model=model, engine=engine)
        for attempts_left in reversed(range(_ATTEMPTS)):
            self.ports = choose_ports(self.settings.host, self.settings.ports)
            try:
                layout = self._launch(installation)
                self._wait_until_ready(layout, model_count=len(models))
            except (PortTaken, ModelNotLoaded) as error:
                self.stop()
                if not attempts_left or not self._helps_to_start_again(error):
                    raise
            except BaseException:
                self.stop()
                raise
            else:
                return

    def stop(self) -> None:
        """Stop Triton and wait until nothing of it is left; safe to call twice."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(supervisor.STOP_TIMEOUT_S + _STOP_MARGIN_S)
        except subprocess.TimeoutExpired:
            # The kernel kills Triton with its supervisor.
            process.kill()
            process.wait()
        if self._layout:
            # Left only where the supervisor itself was killed.
            end_stubs(self._layout.region_prefix)
            supervisor.remove_regions(self._layout.region_prefix)

    def _launch(self, installation: ServerInstallation) -> RunLayout:
        self._progress("starting Triton")
        try:
            layout = self._layout = claim_layout(self.settings.run_folder)
            assemble(layout, installation)
            self._with_engines = self._prepare(layout, installation)
        except OSError as error:
            raise RunFolderUnusable(reason=error.strerror or type(error).__name__) from None
        with layout.log:
            command = make_command(layout, installation, host=self.settings.host, ports=self.ports)
            self._process = subprocess.Popen(
                [
                    str(installation.python),
                    "-I",
                    supervisor.__file__,
                    str(os.getpid()),
                    layout.region_prefix,
                    *command,
                ],
                cwd=layout.folder,
                env=make_variables(layout, installation),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=layout.log,
                start_new_session=True,
                text=True,
            )
        if self._process.stdout:
            with self._process.stdout as answer:
                self._pid = int(answer.readline() or 0) or None
        return layout

    def _prepare(self, layout: RunLayout, installation: ServerInstallation) -> dict[str, PreferredEngine]:
        engines = self._engines or EngineCache.open(
            self.settings.engine_folder,
            python=installation.python,
            backends=installation.backends,
            progress=self._progress,
        )
        return prepare_repository(
            self.settings.repository,
            layout.models,
            cache=engines,
            packages=CompiledPackages(python=installation.python),  # their backend is one of ours
            refused=self._refused,
            progress=self._progress,
        )

    def _helps_to_start_again(self, error: PortTaken | ModelNotLoaded) -> bool:
        """Say whether another start may do: with other ports, or without what Triton refuses."""
        if isinstance(error, PortTaken):  # by another program, between the choice and Triton's start
            return True
        engine = self._with_engines.get(error.model)
        if engine is not None:
            what = "AOTInductor package" if engine is PreferredEngine.AOTINDUCTOR else "TensorRT engine"
            reason = f"Triton does not load the {what} of {error.model} ({error.reason.rstrip('.')})"
            self._refused = dict.fromkeys(self._with_engines, reason)
        return engine is not None

    def _wait_until_ready(self, layout: RunLayout, *, model_count: int) -> None:
        started_s = time.monotonic()
        shown = -1
        while True:
            # Asked before the log is read: the log of a server that was dead by then is complete.
            alive = self.is_alive
            log = StartupLog.read(layout.log_file)
            loaded = len(log.loaded_models)
            if not alive:
                raise log.explain()
            if self._answers_as(layout.server_id):
                if shown != model_count:  # the last ones came since its log was read
                    self._progress(f"loaded {model_count} of {model_count} models")
                self._progress(f"ready after {time.monotonic() - started_s:.1f} s")
                return
            if loaded != shown:
                self._progress(f"loaded {loaded} of {model_count} models")
                shown = loaded
            if time.monotonic() - started_s > self.settings.start_timeout_s:
                raise StartTimeout(timeout_s=self.settings.start_timeout_s, loaded=loaded, models=model_count)
            time.sleep(_POLL_S)

    def _answers_as(self, server_id: str) -> bool:
        """Whether this very server is ready: another one could have taken the port in the meantime."""
        # Not urllib: it would go through a proxy that the environment names.
        connection = HTTPConnection(self.http_address, timeout=_HTTP_TIMEOUT_S)
        try:
            connection.request("GET", "/v2/health/ready")
            ready = connection.getresponse()
            ready.read()
            connection.request("GET", "/v2")
            return ready.status == 200 and f'"{server_id}"'.encode() in connection.getresponse().read()
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()
