"""gateway/admin_api/openapi.json: whoever asks the admin API through administrator.py has every answer held to it."""
from pathlib import Path

from openapi_document import OpenapiDocument

FILE = Path(__file__).resolve().parent.parent.parent / "gateway/admin_api/openapi.json"
_document = OpenapiDocument(FILE, anywhere={400, 405, 413, 414, 431, 503})
resolver, seen, operations = _document.resolver, _document.seen, _document.operations
find, check = _document.find, _document.check
