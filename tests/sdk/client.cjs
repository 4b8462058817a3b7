// Makes one call with one of the vendor's JavaScript clients. The first argument is the call as JSON. Prints the outcome as
// JSON: {"response": ...} or {"error": {code, message, requestId, traceId}}.
"use strict";

const { promisify } = require("node:util");

const SDKS = {
  "tencentcloud-sdk-nodejs": ({ action, params, credential, region, profile }) => {
    const { ecm } = require("tencentcloud-sdk-nodejs/tencentcloud/services/ecm");
    const client = new ecm.v20190719.Client({ credential, region, profile });
    return client[action](params);
  },

  "tencentcloud-sdk-nodejs-intl-en": ({ action, params, credential, region, profile }) => {
    const { Client, Models } = require("tencentcloud-sdk-nodejs-intl-en/tencentcloud/ecm").v20190719;
    const { ClientProfile, Credential, HttpProfile } = require("tencentcloud-sdk-nodejs-intl-en/tencentcloud/common");
    const { protocol, endpoint, reqMethod, headers } = profile.httpProfile;
    const http = new HttpProfile(protocol, endpoint, reqMethod, null, headers);
    const client = new Client(
      new Credential(credential.secretId, credential.secretKey),
      region,
      new ClientProfile(profile.signMethod, http),
    );
    const request = new Models[`${action}Request`]();
    request.from_json_string(JSON.stringify(params));
    return promisify(client[action]).call(client, request);
  },

  "capi-1": ({ action, params, credential, region, profile }) =>
    capi("capi-1", { Action: action, ...params }, profile, {
      ServiceType: "ecm",
      Version: VERSION,
      Region: region,
      SecretId: credential.secretId,
      SecretKey: credential.secretKey,
      SignatureMethod: profile.signatureMethod,
    }),

  "capi-2": ({ action, params, credential, region, profile }) =>
    capi("capi-2", { action, ...params }, profile, {
      serviceType: "ecm",
      version: VERSION,
      region,
      ...credential,
      signatureMethod: profile.signatureMethod,
    }),
};

const VERSION = "2019-07-19";

// The versions of capi differ in the case of their options. They resolve to the body of a response, also of an error.
async function capi(name, data, { host, method, isV3 }, options) {
  const { Capi } = require(name);
  const { Response } = await new Capi(options).request(data, { protocol: "http", host, method, isV3 });
  if (!Response.Error) return Response;
  const { Code: code, Message: message } = Response.Error;
  throw Object.assign(new Error(message), { code, requestId: Response.RequestId });
}

const { sdk, ...call } = JSON.parse(process.argv[2]);

SDKS[sdk](call)
  .then(
    (response) => ({ response }),
    // An error without a code is not a response of the server. Node prints it.
    (error) => {
      if (!error.code) throw error;
      const { code, message, requestId, traceId } = error;
      return { error: { code, message, requestId, traceId } };
    },
  )
  .then((outcome) => console.log(JSON.stringify(outcome)));
