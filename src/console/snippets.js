// Programs that call this server, and tests of calls.

/** Returns the first program for each client, by its name. */
export function clients(account) {
  const { protocol, host, origin } = location;
  const scheme = protocol.replace(":", "");
  const secretId = `ecmock-${account}`;
  const id = JSON.stringify(secretId); // a string of all languages
  return {
    Python: `from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.ecm.v20190719 import ecm_client, models

http = HttpProfile(protocol="${scheme}", endpoint="${host}")
client = ecm_client.EcmClient(Credential(${id}, "ecmock"), "", ClientProfile(httpProfile=http))
print(client.DescribeVpcs(models.DescribeVpcsRequest()).TotalCount)
`,
    tccli: `export TENCENTCLOUD_SECRET_ID=${quoted(secretId)} TENCENTCLOUD_SECRET_KEY=ecmock TENCENTCLOUD_REGION=ap-guangzhou
tccli ecm DescribeVpcs --endpoint ${origin}
`,
    Node: `const { ecm } = require("tencentcloud-sdk-nodejs/tencentcloud/services/ecm");

const client = new ecm.v20190719.Client({
  credential: { secretId: ${id}, secretKey: "ecmock" },
  profile: { httpProfile: { protocol: "${scheme}://", endpoint: "${host}" } },
});
client.DescribeVpcs({}).then(({ TotalCount }) => console.log(TotalCount));
`,
    Go: `package main

import (
	"fmt"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	ecm "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/ecm/v20190719"
)

func main() {
	settings := profile.NewClientProfile()
	settings.HttpProfile.Scheme = "${scheme.toUpperCase()}"
	settings.HttpProfile.Endpoint = "${host}"
	client, err := ecm.NewClient(common.NewCredential(${id}, "ecmock"), "", settings)
	if err != nil {
		panic(err)
	}
	response, err := client.DescribeVpcs(ecm.NewDescribeVpcsRequest())
	if err != nil {
		panic(err)
	}
	fmt.Println(*response.Response.TotalCount)
}
`,
    Java: `import com.tencentcloudapi.common.Credential;
import com.tencentcloudapi.common.profile.ClientProfile;
import com.tencentcloudapi.common.profile.HttpProfile;
import com.tencentcloudapi.ecm.v20190719.EcmClient;
import com.tencentcloudapi.ecm.v20190719.models.DescribeVpcsRequest;

public class Demo {
    public static void main(String[] args) throws Exception {
        HttpProfile http = new HttpProfile();
        http.setProtocol(HttpProfile.REQ_${scheme.toUpperCase()});
        http.setEndpoint("${host}");
        ClientProfile profile = new ClientProfile();
        profile.setHttpProfile(http);
        EcmClient client = new EcmClient(new Credential(${id}, "ecmock"), "", profile);
        System.out.println(client.DescribeVpcs(new DescribeVpcsRequest()).getTotalCount());
    }
}
`,
  };
}

/** Quotes a word for a shell. */
const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

/** Returns a command that repeats a call. It goes through the admin API, so it needs no signature. */
export function curl(account, { Action, Params }) {
  const target = `${location.origin}/_ecmock/call?account=${encodeURIComponent(account)}`;
  return `curl ${quoted(target)} -d ${quoted(JSON.stringify({ Action, Params: Params ?? {} }))}`;
}

/** Returns a JSON value as a literal of Python. */
function python(value) {
  if (value === null) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (Array.isArray(value)) return `[${value.map(python).join(", ")}]`;
  if (JSON.isRawJSON?.(value) || typeof value !== "object") return JSON.stringify(value);
  const members = Object.entries(value).map(([name, it]) => `${JSON.stringify(name)}: ${python(it)}`);
  return `{${members.join(", ")}}`;
}

/** Returns the assertion that a call like this one arrives once, by language. */
export function expectations({ Action, Params, Code }) {
  const action = JSON.stringify(Action);
  const params = Params ?? {};
  // A call without a response has no code.
  const code = (text) => (Code ? text(JSON.stringify(Code)) : "");
  return {
    Python: `account.assert_called(${action}, ${python(params)},${code((it) => ` code=${it},`)} times=1)\n`,
    JavaScript: `await account.assertCalled(${action}, { params: ${JSON.stringify(params)},${code((it) => ` code: ${it},`)} times: 1 });\n`,
    Rust: `account.expect(${action}).with(json!(${JSON.stringify(params)}))${code((it) => `.code(${it})`)}.since(0).times(1).verify();\n`,
  };
}
