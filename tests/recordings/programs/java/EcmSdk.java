import com.tencentcloudapi.common.Credential;
import com.tencentcloudapi.common.exception.TencentCloudSDKException;
import com.tencentcloudapi.common.profile.ClientProfile;
import com.tencentcloudapi.common.profile.HttpProfile;
import com.tencentcloudapi.ecm.v20190719.EcmClient;
import com.tencentcloudapi.ecm.v20190719.models.*;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Calls ecmock with the official Java SDK, and prints PASS or FAIL for each check.
 *
 * <p>usage: EcmSdk CHECK...
 *
 * <p>Settings are the ECM_* variables that record.py sets.
 */
public class EcmSdk {
    static final String VPC = "vpc-m0c2kcun";
    static final String SUBNET = "subnet-rtmfkg4w";
    static final String REGION = "ap-hangzhou-ecm";
    static final String ZONE = REGION + "-1";

    interface Check {
        String run() throws Exception;
    }

    interface Call {
        void run() throws Exception;
    }

    static final Map<String, Check> CHECKS = Map.ofEntries(
            Map.entry("demo", () -> createAndDelete("demo", null, "172.16.0.17")),
            Map.entry("vip", () -> createAndDelete("explicit", "172.16.0.99", "172.16.0.99")),
            Map.entry("notfound", EcmSdk::notFound),
            Map.entry("badkey", EcmSdk::badKey),
            Map.entry("filters", EcmSdk::filters),
            Map.entry("empty", EcmSdk::empty),
            Map.entry("network", EcmSdk::network),
            Map.entry("addresses", EcmSdk::addresses),
            Map.entry("true", () -> sendBool(true)),
            Map.entry("false", () -> sendBool(false)),
            Map.entry("chinese", () -> findByName("测试用的高可用虚拟IP")),
            Map.entry("special", () -> findByName("a&b=c+d %\"e'/?#~*<>\\;:,(x)|")));

    public static void main(String[] names) {
        for (String name : names) {
            String line;
            try {
                line = "PASS " + name + " " + CHECKS.get(name).run();
            } catch (Exception | AssertionError e) {
                line = "FAIL " + name + " " + e;
            }
            System.out.println(line.replace("\n", " "));
        }
        System.exit(0); // ends the threads of the HTTP library
    }

    static String notFound() {
        CreateHaVipRequest request = new CreateHaVipRequest();
        request.setVpcId(VPC);
        request.setSubnetId("subnet-zzzzzzzz");
        request.setHaVipName("x");
        return expectError("ResourceNotFound", () -> client().CreateHaVip(request));
    }

    static String badKey() {
        DescribeHaVipsRequest request = new DescribeHaVipsRequest();
        request.setLimit(20L);
        return expectError("AuthFailure.SignatureFailure", () -> client("wrong").DescribeHaVips(request));
    }

    static String filters() throws Exception {
        EcmClient client = client();
        List<String> ids = new ArrayList<>();
        for (int number = 0; number < 5; number++) {
            ids.add(create(client, "page-" + number, null).getHaVipId());
        }

        DescribeHaVipsRequest filtered = new DescribeHaVipsRequest();
        filtered.setFilters(new Filter[] {
            filter("vpc-id", VPC), filter("havip-name", "page-1", "page-3", "none"),
        });
        expect(client.DescribeHaVips(filtered).getTotalCount(), 2L);

        List<String> names = new ArrayList<>();
        for (long offset = 0; offset <= 6; offset += 2) { // the last page is empty
            DescribeHaVipsRequest request = new DescribeHaVipsRequest();
            request.setOffset(offset);
            request.setLimit(2L);
            DescribeHaVipsResponse page = client.DescribeHaVips(request);
            expect(page.getTotalCount(), 5L);
            for (HaVip haVip : page.getHaVipSet()) {
                names.add(haVip.getHaVipName());
            }
        }
        expect(names, List.of("page-0", "page-1", "page-2", "page-3", "page-4"));

        DescribeHaVipsRequest byId = new DescribeHaVipsRequest();
        byId.setHaVipIds(ids.subList(1, 3).toArray(new String[0]));
        expect(client.DescribeHaVips(byId).getTotalCount(), 2L);
        for (String id : ids) {
            delete(client, id);
        }
        return String.join(", ", names);
    }

    static String empty() throws Exception {
        EcmClient client = client();
        client.DescribeHaVips(new DescribeHaVipsRequest());
        client.DescribeConfig(new DescribeConfigRequest());
        return "no parameters";
    }

    static String network() throws Exception {
        EcmClient client = client();
        CreateVpcRequest createVpc = new CreateVpcRequest();
        createVpc.setVpcName("made");
        createVpc.setCidrBlock("10.0.0.0/16");
        createVpc.setEcmRegion(REGION);
        createVpc.setDnsServers(new String[] {"10.0.0.2", "10.0.0.3"});
        createVpc.setTags(new Tag[] {tag("city", "杭州")});
        String vpc = client.CreateVpc(createVpc).getVpc().getVpcId();

        CreateSubnetRequest createSubnet = new CreateSubnetRequest();
        createSubnet.setVpcId(vpc);
        createSubnet.setSubnetName("made");
        createSubnet.setCidrBlock("10.0.1.0/24");
        createSubnet.setZone(ZONE);
        createSubnet.setEcmRegion(REGION);
        String subnet = client.CreateSubnet(createSubnet).getSubnet().getSubnetId();

        CreateHaVipRequest createHaVip = new CreateHaVipRequest();
        createHaVip.setVpcId(vpc);
        createHaVip.setSubnetId(subnet);
        createHaVip.setHaVipName("in-it");
        HaVip haVip = client.CreateHaVip(createHaVip).getHaVip();
        expect(haVip.getVip(), "10.0.1.2");

        DeleteSubnetRequest deleteSubnet = new DeleteSubnetRequest();
        deleteSubnet.setSubnetId(subnet);
        deleteSubnet.setEcmRegion(REGION);
        expectError("ResourceInUse", () -> client.DeleteSubnet(deleteSubnet));
        delete(client, haVip.getHaVipId());
        client.DeleteSubnet(deleteSubnet);

        DeleteVpcRequest deleteVpc = new DeleteVpcRequest();
        deleteVpc.setVpcId(vpc);
        deleteVpc.setEcmRegion(REGION);
        client.DeleteVpc(deleteVpc);
        return vpc + " " + subnet;
    }

    static String addresses() throws Exception {
        EcmClient client = client();
        AllocateAddressesRequest allocate = new AllocateAddressesRequest();
        allocate.setEcmRegion(REGION);
        allocate.setAddressCount(2L);
        allocate.setInternetMaxBandwidthOut(5L);
        allocate.setTags(new Tag[] {tag("a", "1"), tag("b", "2")});
        String[] ids = client.AllocateAddresses(allocate).getAddressSet();
        expect(ids.length, 2);

        DescribeAddressesRequest describe = new DescribeAddressesRequest();
        describe.setEcmRegion(REGION);
        describe.setAddressIds(ids);
        expect(client.DescribeAddresses(describe).getTotalCount(), 2L);

        ReleaseAddressesRequest release = new ReleaseAddressesRequest();
        release.setEcmRegion(REGION);
        release.setAddressIds(ids);
        client.ReleaseAddresses(release);
        return String.join(" ", ids);
    }

    /** Sends a Boolean parameter. The EIP does not exist. */
    static String sendBool(boolean value) {
        DisassociateAddressRequest request = new DisassociateAddressRequest();
        request.setEcmRegion(REGION);
        request.setAddressId("eip-zzzzzzzz");
        request.setReallocateNormalPublicIp(value);
        return expectError("UnsupportedOperation.AddressIdNotFound", () -> client().DisassociateAddress(request));
    }

    /** Creates a HAVIP, which must get an address. */
    static String createAndDelete(String name, String vip, String expected) throws Exception {
        EcmClient client = client();
        HaVip haVip = create(client, name, vip);
        delete(client, haVip.getHaVipId());
        expect(haVip.getVip(), expected);
        return expected;
    }

    /** Creates a HAVIP, and finds it with a filter. Responses must have its name unchanged. */
    static String findByName(String name) throws Exception {
        EcmClient client = client();
        HaVip haVip = create(client, name, null);
        expect(haVip.getHaVipName(), name);
        DescribeHaVipsRequest request = new DescribeHaVipsRequest();
        request.setFilters(new Filter[] {filter("havip-name", name)});
        DescribeHaVipsResponse found = client.DescribeHaVips(request);
        expect(found.getTotalCount(), 1L);
        expect(found.getHaVipSet()[0].getHaVipName(), name);
        delete(client, haVip.getHaVipId());
        return name;
    }

    static EcmClient client() {
        return client(System.getenv("ECM_KEY"));
    }

    static EcmClient client(String key) {
        HttpProfile http = new HttpProfile();
        http.setProtocol(System.getenv("ECM_SCHEME") + "://");
        http.setEndpoint(System.getenv("ECM_ENDPOINT"));
        http.setReqMethod(System.getenv("ECM_METHOD"));
        http.setReadTimeout(10);
        ClientProfile profile = new ClientProfile(System.getenv("ECM_SIGN"), http);
        return new EcmClient(new Credential(System.getenv("ECM_ID"), key), "ap-guangzhou", profile);
    }

    static HaVip create(EcmClient client, String name, String vip) throws Exception {
        CreateHaVipRequest request = new CreateHaVipRequest();
        request.setVpcId(VPC);
        request.setSubnetId(SUBNET);
        request.setHaVipName(name);
        request.setVip(vip);
        return client.CreateHaVip(request).getHaVip();
    }

    static void delete(EcmClient client, String id) throws Exception {
        DeleteHaVipRequest request = new DeleteHaVipRequest();
        request.setHaVipId(id);
        client.DeleteHaVip(request);
    }

    static Filter filter(String name, String... values) {
        Filter filter = new Filter();
        filter.setName(name);
        filter.setValues(values);
        return filter;
    }

    static Tag tag(String key, String value) {
        Tag tag = new Tag();
        tag.setKey(key);
        tag.setValue(value);
        return tag;
    }

    static void expect(Object got, Object expected) {
        if (!expected.equals(got)) {
            throw new AssertionError("expected " + expected + ", got " + got);
        }
    }

    /** Returns the error that the SDK throws. The error must have a message and a request ID. */
    static String expectError(String code, Call call) {
        try {
            call.run();
        } catch (TencentCloudSDKException e) {
            expect(e.getErrorCode(), code);
            expect(e.getMessage().isEmpty(), false);
            expect(e.getRequestId().length(), 36);
            return e.getErrorCode() + ": " + e.getMessage();
        } catch (Exception e) {
            throw new AssertionError("expected " + code + ", got " + e, e);
        }
        throw new AssertionError("expected " + code + ", got a response");
    }
}
