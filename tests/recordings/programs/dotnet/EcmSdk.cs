// Calls ecmock with the official .NET SDK, and prints PASS or FAIL for each check.
//
// usage: EcmSdk CHECK...
//
// Settings are the ECM_* variables that record.py sets.

using System;
using System.Collections.Generic;
using System.Linq;
using TencentCloud.Common;
using TencentCloud.Common.Profile;
using TencentCloud.Ecm.V20190719;
using TencentCloud.Ecm.V20190719.Models;

static class EcmSdk
{
    const string Vpc = "vpc-m0c2kcun";
    const string Subnet = "subnet-rtmfkg4w";
    const string Region = "ap-hangzhou-ecm";
    const string Zone = Region + "-1";

    static readonly Dictionary<string, Func<string>> Checks = new Dictionary<string, Func<string>>
    {
        ["demo"] = () => CreateAndDelete("demo", null, "172.16.0.17"),
        ["vip"] = () => CreateAndDelete("explicit", "172.16.0.99", "172.16.0.99"),
        ["notfound"] = NotFound,
        ["badkey"] = BadKey,
        ["filters"] = Filters,
        ["empty"] = Empty,
        ["network"] = Network,
        ["addresses"] = Addresses,
        ["true"] = () => SendBool(true),
        ["false"] = () => SendBool(false),
        ["chinese"] = () => FindByName("测试用的高可用虚拟IP"),
        ["special"] = () => FindByName("a&b=c+d %\"e'/?#~*<>\\;:,(x)|"),
    };

    static void Main(string[] names)
    {
        foreach (var name in names)
        {
            Console.WriteLine(Run(name).Replace("\n", " "));
        }
    }

    static string Run(string name)
    {
        try
        {
            return $"PASS {name} {Checks[name]()}";
        }
        catch (Exception e)
        {
            var error = SdkError(e) ?? e;
            return $"FAIL {name} {error.GetType().Name}: {error.Message}";
        }
    }

    static string NotFound()
    {
        var client = Client();
        return ExpectError("ResourceNotFound", () => Create(client, "x", subnet: "subnet-zzzzzzzz"));
    }

    static string BadKey()
    {
        var client = Client("wrong");
        var request = new DescribeHaVipsRequest { Limit = 20 };
        return ExpectError("AuthFailure.SignatureFailure", () => client.DescribeHaVipsSync(request));
    }

    static string Filters()
    {
        var client = Client();
        var ids = Enumerable.Range(0, 5).Select(number => Create(client, $"page-{number}").HaVipId).ToArray();
        var filtered = new DescribeHaVipsRequest
        {
            Filters = new[] { Filter("vpc-id", Vpc), Filter("havip-name", "page-1", "page-3", "none") },
        };
        Expect(client.DescribeHaVipsSync(filtered).TotalCount, 2);

        var names = new List<string>();
        for (long offset = 0; offset <= 6; offset += 2) // the last page is empty
        {
            var page = client.DescribeHaVipsSync(new DescribeHaVipsRequest { Offset = offset, Limit = 2 });
            Expect(page.TotalCount, 5);
            names.AddRange(page.HaVipSet.Select(haVip => haVip.HaVipName));
        }
        var found = string.Join(", ", names);
        Expect(found, "page-0, page-1, page-2, page-3, page-4");

        var byId = new DescribeHaVipsRequest { HaVipIds = new[] { ids[1], ids[2] } };
        Expect(client.DescribeHaVipsSync(byId).TotalCount, 2);
        foreach (var id in ids)
        {
            Delete(client, id);
        }
        return found;
    }

    static string Empty()
    {
        var client = Client();
        client.DescribeHaVipsSync(new DescribeHaVipsRequest());
        client.DescribeConfigSync(new DescribeConfigRequest());
        return "no parameters";
    }

    static string Network()
    {
        var client = Client();
        var vpc = client.CreateVpcSync(new CreateVpcRequest
        {
            VpcName = "made",
            CidrBlock = "10.0.0.0/16",
            EcmRegion = Region,
            DnsServers = new[] { "10.0.0.2", "10.0.0.3" },
            Tags = new[] { new Tag { Key = "city", Value = "杭州" } },
        }).Vpc.VpcId;
        var subnet = client.CreateSubnetSync(new CreateSubnetRequest
        {
            VpcId = vpc,
            SubnetName = "made",
            CidrBlock = "10.0.1.0/24",
            Zone = Zone,
            EcmRegion = Region,
        }).Subnet.SubnetId;
        var haVip = Create(client, "in-it", vpc: vpc, subnet: subnet);
        Expect(haVip.Vip, "10.0.1.2");

        var deleteSubnet = new DeleteSubnetRequest { SubnetId = subnet, EcmRegion = Region };
        ExpectError("ResourceInUse", () => client.DeleteSubnetSync(deleteSubnet));
        Delete(client, haVip.HaVipId);
        client.DeleteSubnetSync(deleteSubnet);
        client.DeleteVpcSync(new DeleteVpcRequest { VpcId = vpc, EcmRegion = Region });
        return $"{vpc} {subnet}";
    }

    static string Addresses()
    {
        var client = Client();
        var ids = client.AllocateAddressesSync(new AllocateAddressesRequest
        {
            EcmRegion = Region,
            AddressCount = 2,
            InternetMaxBandwidthOut = 5,
            Tags = new[] { new Tag { Key = "a", Value = "1" }, new Tag { Key = "b", Value = "2" } },
        }).AddressSet;
        Expect(ids.Length, 2);
        var describe = new DescribeAddressesRequest { EcmRegion = Region, AddressIds = ids };
        Expect(client.DescribeAddressesSync(describe).TotalCount, 2);
        client.ReleaseAddressesSync(new ReleaseAddressesRequest { EcmRegion = Region, AddressIds = ids });
        return string.Join(" ", ids);
    }

    /// <summary>Sends a Boolean parameter. The EIP does not exist.</summary>
    static string SendBool(bool value)
    {
        var client = Client();
        var request = new DisassociateAddressRequest
        {
            EcmRegion = Region,
            AddressId = "eip-zzzzzzzz",
            ReallocateNormalPublicIp = value,
        };
        return ExpectError("UnsupportedOperation.AddressIdNotFound", () => client.DisassociateAddressSync(request));
    }

    /// <summary>Creates a HAVIP, which must get an address.</summary>
    static string CreateAndDelete(string name, string vip, string expected)
    {
        var client = Client();
        var haVip = Create(client, name, vip);
        Delete(client, haVip.HaVipId);
        Expect(haVip.Vip, expected);
        return expected;
    }

    /// <summary>Creates a HAVIP, and finds it with a filter. Responses must have its name unchanged.</summary>
    static string FindByName(string name)
    {
        var client = Client();
        var haVip = Create(client, name);
        Expect(haVip.HaVipName, name);
        var request = new DescribeHaVipsRequest { Filters = new[] { Filter("havip-name", name) } };
        var found = client.DescribeHaVipsSync(request);
        Expect(found.TotalCount, 1);
        Expect(found.HaVipSet[0].HaVipName, name);
        Delete(client, haVip.HaVipId);
        return name;
    }

    static EcmClient Client() => Client(Env("ECM_KEY"));

    static EcmClient Client(string key)
    {
        var http = new HttpProfile
        {
            Protocol = Env("ECM_SCHEME") + "://",
            Endpoint = Env("ECM_ENDPOINT"),
            ReqMethod = Env("ECM_METHOD"),
            Timeout = 10,
        };
        var credential = new Credential { SecretId = Env("ECM_ID"), SecretKey = key };
        return new EcmClient(credential, "ap-guangzhou", new ClientProfile(Env("ECM_SIGN"), http));
    }

    static string Env(string name) => Environment.GetEnvironmentVariable(name);

    static HaVip Create(EcmClient client, string name, string vip = null, string vpc = Vpc, string subnet = Subnet)
    {
        var request = new CreateHaVipRequest { VpcId = vpc, SubnetId = subnet, HaVipName = name, Vip = vip };
        return client.CreateHaVipSync(request).HaVip;
    }

    static void Delete(EcmClient client, string id) => client.DeleteHaVipSync(new DeleteHaVipRequest { HaVipId = id });

    static Filter Filter(string name, params string[] values) => new Filter { Name = name, Values = values };

    /// <summary>Compares the texts of two values, as the SDK has integers of several types.</summary>
    static void Expect(object got, object expected)
    {
        if (got?.ToString() != expected.ToString())
        {
            throw new Exception($"expected {expected}, got {got}");
        }
    }

    /// <summary>Returns the error that the SDK throws. The error must have a message and a request ID.</summary>
    static string ExpectError(string code, Action call)
    {
        try
        {
            call();
        }
        catch (Exception e) when (SdkError(e) != null)
        {
            var error = SdkError(e);
            Expect(error.ErrorCode, code);
            Expect(error.Message != "", true);
            Expect(error.RequestId.Length, 36);
            return $"{error.ErrorCode}: {error.Message}";
        }
        throw new Exception($"expected {code}, got a response");
    }

    /// <summary>Returns the SDK's error, which the synchronous methods wrap.</summary>
    static TencentCloudSDKException SdkError(Exception e) =>
        e as TencentCloudSDKException
        ?? (e as AggregateException)?.Flatten().InnerExceptions.OfType<TencentCloudSDKException>().FirstOrDefault();
}
