"""docs/api/openapi.yaml and the routes say the same, both ways."""

import re
from urllib.parse import quote

import pytest
import yaml

from playhead import ROOT
from wire import assert_problem

METHODS = {"get": "GET", "post": "POST", "put": "PUT", "del": "DELETE", "patch": "PATCH"}
DOCUMENT = ROOT / "docs" / "api" / "openapi.yaml"


def routes():
    """The public table of routes.cc: (method, path) -> name. The demo's table is not looked at: it
    is no part of the API, and test_demo.py's."""
    text = (ROOT / "src" / "http" / "routes.cc").read_text()
    table = re.search(r"kPublic = \{(.*?)\n\};", text, re.DOTALL)[1]
    rows = re.findall(r'Route\{Method::(\w+),\s*"([^"]+)",\s*"(\w+)"', table)
    assert len(rows) == table.count("Route{")
    return {(METHODS[method], path): name for method, path, name in rows}


def document():
    assert DOCUMENT.exists(), f"{DOCUMENT} is missing"
    return yaml.safe_load(DOCUMENT.read_text())


def resolve(api, node):
    """What a $ref stands for."""
    while isinstance(node, dict) and "$ref" in node:
        steps = node["$ref"].removeprefix("#/").split("/")
        node = api
        for step in steps:
            node = node[step.replace("~1", "/").replace("~0", "~")]
    return node


def operations(api):
    verbs = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
    return {(verb.upper(), path): operation for path, item in api["paths"].items()
            for verb, operation in item.items() if verb in verbs}


def test_paths_and_methods_are_those_of_the_routes():
    documented = {key: op["operationId"] for key, op in operations(document()).items()}
    assert documented == routes()


def test_document_is_openapi_3_1_of_this_version():
    api = document()
    assert api["openapi"].startswith("3.1.")
    version = re.search(r"project\(playhead VERSION ([\d.]+)",
                        (ROOT / "CMakeLists.txt").read_text())[1]
    assert api["info"]["version"] == version


def request_examples(api, operation):
    body = resolve(api, operation.get("requestBody", {}))
    for media in body.get("content", {}).values():
        if "example" in media:
            yield media["example"]
        for example in media.get("examples", {}).values():
            yield resolve(api, example)["value"]


GOOD = {"report_progress": {"video_id": "v", "percent": 28.6},
        "report_progress_batch": {"reports": [{"video_id": "v", "percent": 28.6}]}}


def ask(viewer, method, path, body=None, **headers):
    query = {"video_id": "v"} if (method, path) == ("GET", "/v1/progress") else {}
    return viewer.call(method, path.replace("{video_id}", quote("v", safe="")), body, headers,
                       **query)


def documented(api, operation, answer):
    """The answer's entry in the document; fails where there is none, or with other contents."""
    responses = operation["responses"]
    assert str(answer.status) in responses, (operation["operationId"], answer)
    response = resolve(api, responses[str(answer.status)])
    types = response.get("content", {})
    if answer.body:
        assert answer.headers["content-type"] in types, (operation["operationId"], answer)
    else:
        assert not types or answer.status == 304
    return response


def properties(api, schema):
    """The names an object of this schema may have, or None where it may have any."""
    schema = resolve(api, schema)
    names = set(schema.get("properties", {}))
    for part in schema.get("allOf", []):
        names |= properties(api, part) or set()
    return names


@pytest.mark.parametrize("key", routes(), ids=lambda key: " ".join(key))
def test_live_answers_are_documented(server, key):
    api = document()
    operation = operations(api)[key]
    name = routes()[key]
    viewer = server.viewer()
    viewer.report("v", 600_000, device="tv", series={"id": "s", "season": 1, "episode": 2})
    answer = ask(viewer, *key, GOOD.get(name))
    assert answer.status in (200, 204)
    response = documented(api, operation, answer)
    for header in ("playhead-interval", "etag"):
        assert (header in answer.headers) == (
            header in {given.lower() for given in response.get("headers", {})}), header
    if answer.body:
        schema = response["content"][answer.headers["content-type"]]["schema"]
        assert set(answer.json) <= properties(api, schema)


@pytest.mark.parametrize("key", routes(), ids=lambda key: " ".join(key))
def test_live_refusals_are_documented(server, key):
    api = document()
    operation = operations(api)[key]
    viewer = server.viewer()
    answers = []
    if key[1].startswith("/v1/"):
        stranger = server.viewer()
        stranger.headers = {}
        answers.append(assert_problem(ask(stranger, *key), 401, "token_missing"))
        answers.append(ask(viewer.profile("x" * 65), *key))  # 422, or the wrong body
    if key[0] == "GET":
        answers.append(ask(viewer, *key))  # 404, or nothing there
        tag = answers[-1].headers.get("etag")
        if tag:
            answers.append(ask(viewer, *key, **{"If-None-Match": tag}))
            assert answers[-1].status == 304
    if key[0] == "POST":
        answers += [ask(viewer, *key, body) for body in ("", "{", "[]", "{}", " " * 70_000)]
        answers.append(ask(viewer, *key, "{}", **{"Content-Type": "text/plain"}))
        assert {400, 413, 415, 422} == {answer.status for answer in answers[-6:]}
    for answer in answers:
        documented(api, operation, answer)


def test_examples_of_requests_are_good_requests(server):
    api = document()
    count = 0
    for key, operation in operations(api).items():
        for example in request_examples(api, operation):
            answer = ask(server.viewer(), *key, example)
            assert answer.status in (200, 204), (operation["operationId"], example, answer)
            count += 1
    assert count >= 3


def test_every_code_of_the_table_of_problems_is_documented():
    text = (ROOT / "src" / "http" / "problem.cc").read_text()
    codes = set(re.findall(r'return \{\d{3}, "(\w+)"', text))
    assert len(codes) > 20
    page = DOCUMENT.read_text()
    assert {code for code in codes if code not in page} == set()
