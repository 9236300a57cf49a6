"use strict";
// The vendor's SDK core behind a pipe: one JSON object a line in, one a line out, in order. What is asked for:
//   {"do": "sign", "method", "url", "query", "headers", "data", "ak", "sk"}  -> {"headers"}: what the SDK's signer would send
//   {"do": "send", "method", "endpoint", "path", "query", "headers", "data", "ak", "sk"}
//        -> {"status", "body"}: the answer to a request that the SDK's whole client signed and sent
const readline = require("readline");
const { AKSKSigner } = require("@huaweicloud/huaweicloud-sdk-core/auth/AKSKSigner");
const { BasicCredentials } = require("@huaweicloud/huaweicloud-sdk-core/auth/BasicCredentials");
const { HcClient } = require("@huaweicloud/huaweicloud-sdk-core/HcClient");
const { DefaultHttpClient } = require("@huaweicloud/huaweicloud-sdk-core/http/DefaultHttpClient");

// The SDK's own logger writes to standard output, which is taken.
const logger = { debug() {}, error() {} };

function credentials(order) {
    return new BasicCredentials().withAk(order.ak).withSk(order.sk).withProjectId("fake-project");
}

function sign(order) {
    const request = { endpoint: order.url, method: order.method, queryParams: order.query || {}, headers: order.headers,
                      data: order.data };
    return { headers: AKSKSigner.sign(request, credentials(order)) };
}

// As the SDK's ClientBuilder puts a client together; that file itself needs a package that the SDK forgets to name.
async function send(order) {
    const client = new HcClient(new DefaultHttpClient({ logger }, [order.endpoint]))
        .withEndpoints([order.endpoint]).withCredential(credentials(order));
    try {
        const { httpStatusCode, ...body } = await client.sendRequest({
            method: order.method, url: order.path, contentType: "application/json", pathParams: {},
            queryParams: order.query || {}, headers: order.headers, data: order.data });
        return { status: httpStatusCode, body };
    } catch (refused) {
        return { status: refused.httpStatusCode, body: { error_code: refused.errorCode, error_msg: refused.errorMsg } };
    }
}

async function main() {
    for await (const line of readline.createInterface({ input: process.stdin })) {
        const order = JSON.parse(line);
        process.stdout.write(JSON.stringify(order.do === "sign" ? sign(order) : await send(order)) + "\n");
    }
}

main();
