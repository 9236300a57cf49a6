#!/usr/bin/env python3
"""follow_call.py PATH BODY: places a call through the gateway and prints what happens until its record is there.
follow_call.py --history: prints the records of the calls. Reads GATEWAY_URL, GATEWAY_CA, TOKEN, MOCK_CONTROL_URL."""
import json
import os
import ssl
import sys
import time
import urllib.request

API = "/apiaccess/CC-Management/v1/mobileAgent/"
POLL_S = 0.02
LONGEST_S = 60
RINGING_A, RINGING_B, TALKING, MOCK_ENDED = "ringing_a", "ringing_b", "talking", "ended"
ENDED = "3"
GATEWAY_URL, TOKEN = os.environ["GATEWAY_URL"], os.environ["TOKEN"]
TRUST = ssl.create_default_context(cafile=os.environ["GATEWAY_CA"])


def post(path, body):
    request = urllib.request.Request(GATEWAY_URL + path, data=body.encode(), method="POST", headers={
        "Content-Type": "application/json", "Authorization": f"Bearer {TOKEN}"})
    with urllib.request.urlopen(request, context=TRUST) as answer:
        return answer.read().decode()


def ask(name, **members):
    answer = json.loads(post(API + name, json.dumps(members)))
    if answer["retCode"] != "0":
        sys.exit(f"{name}: {answer}")
    return answer["result"]


def call_at_the_ita(serial):
    """As the mock tells it, None before it knows the call."""
    with urllib.request.urlopen(os.environ["MOCK_CONTROL_URL"] + "/calls") as answer:
        calls = json.load(answer)["calls"]
    return next((call for call in calls if call["remark"].endswith(f":{serial}")), None)


class Timeline:
    def __init__(self):
        self.begun = time.monotonic()

    def seconds(self):
        return time.monotonic() - self.begun

    def tell(self, who, what):
        print(f"   {self.seconds():6.2f} s  {who:<9}{what}", flush=True)


def ita_lines(call):
    """What the mock's state means, in the order it comes."""
    return {
        RINGING_A: f"rings the agent {call['telA']}, who sees {call['telX']}",
        RINGING_B: f"the agent answered; rings the customer {call['telB']}, who sees {call['telX']}",
        TALKING: "the customer answered; they talk",
        MOCK_ENDED: f"the call ended, cause {call['releaseCause']}",
    }[call["state"]]


def follow(timeline, serial):
    shown, pushes = None, 0
    while timeline.seconds() < LONGEST_S:
        call = call_at_the_ita(serial)
        if call is not None and call["state"] != shown:
            shown = call["state"]
            timeline.tell("ITA", ita_lines(call))
        if call is not None and len(call["pushes"]) > pushes:
            pushes = len(call["pushes"])
            timeline.tell("ITA", f"pushes the CDR, signed; the gateway answers {call['pushes'][-1]['status']}")
        state = ask("queryCallState", callSerialNo=serial)
        if state["state"] == ENDED and pushes > 0:
            timeline.tell("gateway", f"queryCallState: state {state['state']} (ended), reasonCode {state['reasonCode']}")
            return
        time.sleep(POLL_S)
    sys.exit(f"call {serial} has not ended within {LONGEST_S} s")


def place_and_follow(path, body):
    print(f"   POST {path}\n        {body}", flush=True)
    timeline = Timeline()
    answer = post(path, body)
    print(f"   200  {answer}\n", flush=True)
    if json.loads(answer)["retCode"] != "0":
        sys.exit("the call was refused")
    serial = str(json.loads(answer)["result"]["callSerialNo"])
    timeline.tell("gateway", f"call {serial} is on disk, accepted by the ITA, and answered")
    follow(timeline, serial)


def print_history():
    now_ms = int(time.time() * 1000)
    history = ask("queryCallDetailRecord", startTime=str(now_ms - 3_600_000), endTime=str(now_ms + 60_000))
    print(f"   POST {API}queryCallDetailRecord")
    for record in history["callInfo"]:
        print("   " + json.dumps(record, ensure_ascii=False, indent=2).replace("\n", "\n   "))


def main():
    if sys.argv[1:] == ["--history"]:
        print_history()
    else:
        place_and_follow(*sys.argv[1:])


main()
