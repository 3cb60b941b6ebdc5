"""The load test: customers one at a time, and now and then a batch."""

from __future__ import annotations

from locust import FastHttpUser, constant_throughput, task

CUSTOMER = {
    "account_length": 128,
    "area_code": "area_code_415",
    "international_plan": "no",
    "voice_mail_plan": "yes",
    "number_vmail_messages": 25,
    "total_day_minutes": 265.1,
    "total_day_calls": 110,
    "total_day_charge": 45.07,
    "total_eve_minutes": 197.4,
    "total_eve_calls": 99,
    "total_eve_charge": 16.78,
    "total_night_minutes": 244.7,
    "total_night_calls": 91,
    "total_night_charge": 11.01,
    "total_intl_minutes": 10.0,
    "total_intl_calls": 3,
    "total_intl_charge": 2.7,
    "number_customer_service_calls": 1,
}


class Caller(FastHttpUser):
    """Ten requests a second each."""

    wait_time = constant_throughput(10)

    @task(9)
    def one_customer(self) -> None:
        self.client.post("/predict", json={"rows": [CUSTOMER]}, name="/predict one")

    @task(1)
    def batch_of_20(self) -> None:
        self.client.post("/predict", json={"rows": [CUSTOMER] * 20}, name="/predict batch")
