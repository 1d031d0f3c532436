# Build: the wheel from this folder, then a virtual environment with exactly what the lock names.
FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /src
COPY pyproject.toml requirements.lock requirements-dev.lock README.md LICENSE ./
RUN python -m venv /builder && /builder/bin/python -m pip install --no-deps --require-hashes -r requirements-dev.lock
RUN python -m venv /venv && /venv/bin/python -m pip install --no-deps --require-hashes -r requirements.lock
COPY scheduler scheduler
COPY templates templates
COPY config config
RUN /builder/bin/hatchling build -t wheel -d /wheel
RUN /venv/bin/python -m pip install --no-deps --no-index /wheel/*.whl && /venv/bin/python -m compileall -q /venv

# Run: no compiler, no source, nobody's account. Only /state and /keys are written to; /config is yours.
FROM python:3.11-slim
COPY --from=build /venv /venv
RUN mkdir /state /keys /config && chown 10001:10001 /state /keys
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PYTHONTZPATH="" HOME=/tmp
VOLUME ["/state"]
VOLUME ["/keys"]
WORKDIR /state
USER 10001:10001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5m --timeout=20s --start-period=1m CMD ["rituals", "status", "--config", "/config/scheduler.toml"]
ENTRYPOINT ["rituals"]
CMD ["run", "--config", "/config/scheduler.toml"]
