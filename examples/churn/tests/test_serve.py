from __future__ import annotations

import http.client
import json
import threading

import pytest

from churn import data, serve


@pytest.fixture
def connection(fitted):
    with serve.server(fitted, 0) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        client = http.client.HTTPConnection("127.0.0.1", running.server_port)
        yield client
        client.close()
        running.shutdown()
        thread.join()


def ask(client, path, value):
    client.request("POST", path, json.dumps(value), {"Content-Type": "application/json"})
    answer = client.getresponse()
    return answer.status, json.loads(answer.read())


def test_the_service_answers_as_the_model_does(connection, fitted, rows):
    some = data.features(rows[1]).head(3)
    status, answer = ask(connection, "/predict", {"rows": json.loads(some.to_json(orient="records"))})
    assert status == 200
    assert answer["churn"] == pytest.approx(fitted.predict_proba(some)[:, 1], abs=1e-6)


@pytest.mark.parametrize("value", [{}, [], {"rows": []}, {"rows": [1]}, {"rows": [{"area_code": "area_code_415"}]}])
def test_a_wrong_request_is_refused_and_the_service_goes_on(connection, value):
    assert ask(connection, "/predict", value)[0] == 422
    connection.request("GET", "/health")
    assert connection.getresponse().status == 200


def test_an_unknown_path_is_not_found(connection):
    assert ask(connection, "/admin", {"rows": [{}]})[0] == 404
