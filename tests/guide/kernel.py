"""Asks a kernel for 6*7 as a notebook does, by somebody who trusts a root or none: kernel.py URL PASSWORD [ROOT]."""

import http.cookiejar
import json
import ssl
import sys
import urllib.parse
import urllib.request
import uuid

import websocket

url, password, root = sys.argv[1], sys.argv[2], (sys.argv[3:] or [None])[0]
context = ssl.create_default_context(cafile=root)
cookies = http.cookiejar.CookieJar()
browser = urllib.request.build_opener(
    urllib.request.HTTPSHandler(context=context), urllib.request.HTTPCookieProcessor(cookies)
)


def cookie(name):
    return next(cookie.value for cookie in cookies if cookie.name == name)


browser.open(f"{url}/login")
form = {"password": password, "_xsrf": cookie("_xsrf")}
page = browser.open(f"{url}/login?next=%2Fapi%2Fstatus", urllib.parse.urlencode(form).encode())
assert "started" in json.load(page), "the password was not taken"
asked = urllib.request.Request(f"{url}/api/kernels", b"{}", {"X-XSRFToken": cookie("_xsrf")})
kernel = json.load(browser.open(asked))["id"]

session = uuid.uuid4().hex
channel = websocket.create_connection(
    f"{url.replace('https:', 'wss:')}/api/kernels/{kernel}/channels?session_id={session}",
    sslopt={"context": context},
    cookie="; ".join(f"{cookie.name}={cookie.value}" for cookie in cookies),
    origin=url,
    timeout=60,
)
message = {
    "channel": "shell",
    "header": {"msg_id": session, "msg_type": "execute_request", "session": session, "username": "", "version": "5.3"},
    "parent_header": {},
    "metadata": {},
    "content": {"code": "6*7", "silent": False},
}
channel.send(json.dumps(message))
while True:
    said = json.loads(channel.recv())
    if said["msg_type"] == "execute_result" and said["parent_header"].get("msg_id") == session:
        print(said["content"]["data"]["text/plain"])
        break
channel.close()
