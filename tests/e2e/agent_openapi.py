"""gateway/agent_api/openapi.json: whoever asks the agent API through agent.py or pushes CDRs through cdr.py has every
answer held to it."""
from pathlib import Path

from openapi_document import OpenapiDocument

FILE = Path(__file__).resolve().parent.parent.parent / "gateway/agent_api/openapi.json"
_document = OpenapiDocument(FILE, anywhere={400, 404, 405, 408, 413, 414, 431, 503})
resolver, seen, operations = _document.resolver, _document.seen, _document.operations
check = _document.check
