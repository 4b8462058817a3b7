// Calls ecmock with the official C++ SDK, and prints PASS or FAIL for each check.
//
// usage: ecmsdk CHECK...
//
// Settings are the ECM_* variables that record.py sets. With the SDK installed, this command builds the program:
//
//   g++ -std=c++17 -o ecmsdk ecmsdk.cpp -ltencentcloud-sdk-cpp-ecm -ltencentcloud-sdk-cpp-core

#include <tencentcloud/core/Credential.h>
#include <tencentcloud/core/TencentCloud.h>
#include <tencentcloud/core/profile/ClientProfile.h>
#include <tencentcloud/core/profile/HttpProfile.h>
#include <tencentcloud/ecm/v20190719/EcmClient.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

using namespace TencentCloud;
using namespace TencentCloud::Ecm::V20190719;
using namespace TencentCloud::Ecm::V20190719::Model;
using std::string;
using std::vector;

namespace {

const string VPC = "vpc-m0c2kcun";
const string SUBNET = "subnet-rtmfkg4w";
const string REGION = "ap-hangzhou-ecm";
const string ZONE = REGION + "-1";

string Env(const char *name)
{
    const char *value = std::getenv(name);
    return value ? value : "";
}

EcmClient Client(const string &key = Env("ECM_KEY"))
{
    HttpProfile http;
    http.SetProtocol(HttpProfile::Scheme::HTTP);
    http.SetEndpoint(Env("ECM_ENDPOINT"));
    http.SetReqTimeout(10);
    return EcmClient(Credential(Env("ECM_ID"), key), "ap-guangzhou", ClientProfile(http));
}

void Expect(const string &got, const string &expected)
{
    if (got != expected) {
        throw std::runtime_error("expected " + expected + ", got " + got);
    }
}

void Expect(std::int64_t got, std::int64_t expected)
{
    Expect(std::to_string(got), std::to_string(expected));
}

// Returns the response. Throws the error of a call that failed.
template <class Outcome>
auto Must(Outcome outcome) -> decltype(outcome.GetResult())
{
    if (!outcome.IsSuccess()) {
        throw std::runtime_error(outcome.GetError().PrintAll());
    }
    return outcome.GetResult();
}

// Returns the error of a call. The error must have a message and a request ID.
template <class Outcome>
string ExpectError(const string &code, Outcome outcome)
{
    if (outcome.IsSuccess()) {
        throw std::runtime_error("expected " + code + ", got a response");
    }
    auto error = outcome.GetError();
    if (error.GetErrorCode() != code || error.GetErrorMessage().empty() || error.GetRequestId().size() != 36) {
        throw std::runtime_error("expected " + code + ", got " + error.PrintAll());
    }
    return error.GetErrorCode() + ": " + error.GetErrorMessage();
}

Filter MakeFilter(const string &name, const vector<string> &values)
{
    Filter filter;
    filter.SetName(name);
    filter.SetValues(values);
    return filter;
}

Tag MakeTag(const string &key, const string &value)
{
    Tag tag;
    tag.SetKey(key);
    tag.SetValue(value);
    return tag;
}

CreateHaVipRequest MakeHaVip(const string &name, const string &vpc = VPC, const string &subnet = SUBNET)
{
    CreateHaVipRequest request;
    request.SetVpcId(vpc);
    request.SetSubnetId(subnet);
    request.SetHaVipName(name);
    return request;
}

HaVip Create(EcmClient &client, const CreateHaVipRequest &request)
{
    return Must(client.CreateHaVip(request)).GetHaVip();
}

void Delete(EcmClient &client, const string &id)
{
    DeleteHaVipRequest request;
    request.SetHaVipId(id);
    Must(client.DeleteHaVip(request));
}

// Creates a HAVIP, which must get an address.
string CreateAndDelete(const CreateHaVipRequest &request, const string &expected)
{
    auto client = Client();
    auto haVip = Create(client, request);
    Delete(client, haVip.GetHaVipId());
    Expect(haVip.GetVip(), expected);
    return expected;
}

// Creates a HAVIP, and finds it with a filter. Responses must have its name unchanged.
string FindByName(const string &name)
{
    auto client = Client();
    auto haVip = Create(client, MakeHaVip(name));
    Expect(haVip.GetHaVipName(), name);
    DescribeHaVipsRequest request;
    request.SetFilters({MakeFilter("havip-name", {name})});
    auto found = Must(client.DescribeHaVips(request));
    Expect(found.GetTotalCount(), 1);
    Expect(found.GetHaVipSet()[0].GetHaVipName(), name);
    Delete(client, haVip.GetHaVipId());
    return name;
}

string Demo()
{
    return CreateAndDelete(MakeHaVip("demo"), "172.16.0.17");
}

string Vip()
{
    auto request = MakeHaVip("explicit");
    request.SetVip("172.16.0.99");
    return CreateAndDelete(request, "172.16.0.99");
}

string NotFound()
{
    return ExpectError("ResourceNotFound", Client().CreateHaVip(MakeHaVip("x", VPC, "subnet-zzzzzzzz")));
}

string BadKey()
{
    DescribeHaVipsRequest request;
    request.SetLimit(20);
    return ExpectError("AuthFailure.SignatureFailure", Client("wrong").DescribeHaVips(request));
}

string Filters()
{
    auto client = Client();
    vector<string> ids;
    for (int number = 0; number < 5; number++) {
        ids.push_back(Create(client, MakeHaVip("page-" + std::to_string(number))).GetHaVipId());
    }

    DescribeHaVipsRequest filtered;
    filtered.SetFilters({MakeFilter("vpc-id", {VPC}), MakeFilter("havip-name", {"page-1", "page-3", "none"})});
    Expect(Must(client.DescribeHaVips(filtered)).GetTotalCount(), 2);

    string names;
    for (int offset = 0; offset <= 6; offset += 2) { // the last page is empty
        DescribeHaVipsRequest request;
        request.SetOffset(offset);
        request.SetLimit(2);
        auto page = Must(client.DescribeHaVips(request));
        Expect(page.GetTotalCount(), 5);
        for (const auto &haVip : page.GetHaVipSet()) {
            names += haVip.GetHaVipName() + " ";
        }
    }
    Expect(names, "page-0 page-1 page-2 page-3 page-4 ");

    DescribeHaVipsRequest byId;
    byId.SetHaVipIds({ids[1], ids[2]});
    Expect(Must(client.DescribeHaVips(byId)).GetTotalCount(), 2);
    for (const auto &id : ids) {
        Delete(client, id);
    }
    return names;
}

string Empty()
{
    auto client = Client();
    Must(client.DescribeHaVips(DescribeHaVipsRequest()));
    Must(client.DescribeConfig(DescribeConfigRequest()));
    return "no parameters";
}

string Network()
{
    auto client = Client();
    CreateVpcRequest createVpc;
    createVpc.SetVpcName("made");
    createVpc.SetCidrBlock("10.0.0.0/16");
    createVpc.SetEcmRegion(REGION);
    createVpc.SetDnsServers({"10.0.0.2", "10.0.0.3"});
    createVpc.SetTags({MakeTag("city", "杭州")});
    auto vpc = Must(client.CreateVpc(createVpc)).GetVpc().GetVpcId();

    CreateSubnetRequest createSubnet;
    createSubnet.SetVpcId(vpc);
    createSubnet.SetSubnetName("made");
    createSubnet.SetCidrBlock("10.0.1.0/24");
    createSubnet.SetZone(ZONE);
    createSubnet.SetEcmRegion(REGION);
    auto subnet = Must(client.CreateSubnet(createSubnet)).GetSubnet().GetSubnetId();

    auto haVip = Create(client, MakeHaVip("in-it", vpc, subnet));
    Expect(haVip.GetVip(), "10.0.1.2");

    DeleteSubnetRequest deleteSubnet;
    deleteSubnet.SetSubnetId(subnet);
    deleteSubnet.SetEcmRegion(REGION);
    ExpectError("ResourceInUse", client.DeleteSubnet(deleteSubnet));
    Delete(client, haVip.GetHaVipId());
    Must(client.DeleteSubnet(deleteSubnet));

    DeleteVpcRequest deleteVpc;
    deleteVpc.SetVpcId(vpc);
    deleteVpc.SetEcmRegion(REGION);
    Must(client.DeleteVpc(deleteVpc));
    return vpc + " " + subnet;
}

string Addresses()
{
    auto client = Client();
    AllocateAddressesRequest allocate;
    allocate.SetEcmRegion(REGION);
    allocate.SetAddressCount(2);
    allocate.SetInternetMaxBandwidthOut(5);
    allocate.SetTags({MakeTag("a", "1"), MakeTag("b", "2")});
    auto ids = Must(client.AllocateAddresses(allocate)).GetAddressSet();
    Expect(ids.size(), 2);

    DescribeAddressesRequest describe;
    describe.SetEcmRegion(REGION);
    describe.SetAddressIds(ids);
    Expect(Must(client.DescribeAddresses(describe)).GetTotalCount(), 2);

    ReleaseAddressesRequest release;
    release.SetEcmRegion(REGION);
    release.SetAddressIds(ids);
    Must(client.ReleaseAddresses(release));
    return ids[0] + " " + ids[1];
}

// Sends a Boolean parameter. The EIP does not exist.
string SendBool(bool value)
{
    DisassociateAddressRequest request;
    request.SetEcmRegion(REGION);
    request.SetAddressId("eip-zzzzzzzz");
    request.SetReallocateNormalPublicIp(value);
    return ExpectError("UnsupportedOperation.AddressIdNotFound", Client().DisassociateAddress(request));
}

const std::map<string, std::function<string()>> CHECKS = {
    {"demo", Demo},
    {"vip", Vip},
    {"notfound", NotFound},
    {"badkey", BadKey},
    {"filters", Filters},
    {"empty", Empty},
    {"network", Network},
    {"addresses", Addresses},
    {"true", [] { return SendBool(true); }},
    {"false", [] { return SendBool(false); }},
    {"chinese", [] { return FindByName("测试用的高可用虚拟IP"); }},
    {"special", [] { return FindByName("a&b=c+d %\"e'/?#~*<>\\;:,(x)|"); }},
};

string Run(const string &name)
{
    try {
        return "PASS " + name + " " + CHECKS.at(name)();
    } catch (const std::exception &error) {
        return "FAIL " + name + " " + error.what();
    }
}

} // namespace

int main(int count, char **words)
{
    InitAPI();
    for (int index = 1; index < count; index++) {
        auto line = Run(words[index]);
        std::replace(line.begin(), line.end(), '\n', ' ');
        std::cout << line << std::endl;
    }
    ShutdownAPI();
}
