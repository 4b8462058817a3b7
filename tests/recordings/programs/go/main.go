// Calls ecmock with the official Go SDK, and prints PASS or FAIL for each check.
//
// usage: ecmsdk CHECK...
//
// Settings are the ECM_* variables that record.py sets.
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	sdkerrors "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	ecm "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/ecm/v20190719"
)

const (
	vpcID    = "vpc-m0c2kcun"
	subnetID = "subnet-rtmfkg4w"
	region   = "ap-hangzhou-ecm"
	zone     = region + "-1"
)

var checks = map[string]func() string{
	"demo":      func() string { return createAndDelete("demo", nil, "172.16.0.17") },
	"vip":       func() string { return createAndDelete("explicit", text("172.16.0.99"), "172.16.0.99") },
	"notfound":  notFound,
	"badkey":    badKey,
	"filters":   filters,
	"empty":     empty,
	"network":   network,
	"addresses": addresses,
	"true":      func() string { return sendBool(true) },
	"false":     func() string { return sendBool(false) },
	"chinese":   func() string { return findByName("测试用的高可用虚拟IP") },
	"special":   func() string { return findByName(`a&b=c+d %"e'/?#~*<>\;:,(x)|`) },
}

func main() {
	for _, name := range os.Args[1:] {
		fmt.Println(strings.ReplaceAll(run(name), "\n", " "))
	}
}

// run returns the line of a check, which panics if it fails.
func run(name string) (line string) {
	defer func() {
		if reason := recover(); reason != nil {
			line = fmt.Sprintf("FAIL %s %v", name, reason)
		}
	}()
	return fmt.Sprintf("PASS %s %s", name, checks[name]())
}

func notFound() string {
	request := ecm.NewCreateHaVipRequest()
	request.VpcId = text(vpcID)
	request.SubnetId = text("subnet-zzzzzzzz")
	request.HaVipName = text("x")
	_, err := client().CreateHaVip(request)
	return expectError(err, "ResourceNotFound")
}

func badKey() string {
	request := ecm.NewDescribeHaVipsRequest()
	request.Limit = common.Int64Ptr(20)
	_, err := clientWithKey("wrong").DescribeHaVips(request)
	return expectError(err, "AuthFailure.SignatureFailure")
}

func filters() string {
	c := client()
	var ids []*string
	for number := 0; number < 5; number++ {
		ids = append(ids, create(c, fmt.Sprintf("page-%d", number), nil).HaVipId)
	}

	request := ecm.NewDescribeHaVipsRequest()
	request.Filters = []*ecm.Filter{
		{Name: text("vpc-id"), Values: common.StringPtrs([]string{vpcID})},
		{Name: text("havip-name"), Values: common.StringPtrs([]string{"page-1", "page-3", "none"})},
	}
	expect(*must(c.DescribeHaVips(request)).Response.TotalCount, 2)

	var names []string
	for offset := int64(0); offset <= 6; offset += 2 { // the last page is empty
		request := ecm.NewDescribeHaVipsRequest()
		request.Offset = common.Int64Ptr(offset)
		request.Limit = common.Int64Ptr(2)
		page := must(c.DescribeHaVips(request)).Response
		expect(*page.TotalCount, 5)
		for _, haVip := range page.HaVipSet {
			names = append(names, *haVip.HaVipName)
		}
	}
	expect(names, []string{"page-0", "page-1", "page-2", "page-3", "page-4"})

	request = ecm.NewDescribeHaVipsRequest()
	request.HaVipIds = ids[1:3]
	expect(*must(c.DescribeHaVips(request)).Response.TotalCount, 2)
	for _, id := range ids {
		remove(c, id)
	}
	return strings.Join(names, ", ")
}

func empty() string {
	c := client()
	must(c.DescribeHaVips(ecm.NewDescribeHaVipsRequest()))
	must(c.DescribeConfig(ecm.NewDescribeConfigRequest()))
	return "no parameters"
}

func network() string {
	c := client()
	createVpc := ecm.NewCreateVpcRequest()
	createVpc.VpcName = text("made")
	createVpc.CidrBlock = text("10.0.0.0/16")
	createVpc.EcmRegion = text(region)
	createVpc.DnsServers = common.StringPtrs([]string{"10.0.0.2", "10.0.0.3"})
	createVpc.Tags = []*ecm.Tag{{Key: text("city"), Value: text("杭州")}}
	vpc := must(c.CreateVpc(createVpc)).Response.Vpc

	createSubnet := ecm.NewCreateSubnetRequest()
	createSubnet.VpcId = vpc.VpcId
	createSubnet.SubnetName = text("made")
	createSubnet.CidrBlock = text("10.0.1.0/24")
	createSubnet.Zone = text(zone)
	createSubnet.EcmRegion = text(region)
	subnet := must(c.CreateSubnet(createSubnet)).Response.Subnet

	createHaVip := ecm.NewCreateHaVipRequest()
	createHaVip.VpcId = vpc.VpcId
	createHaVip.SubnetId = subnet.SubnetId
	createHaVip.HaVipName = text("in-it")
	haVip := must(c.CreateHaVip(createHaVip)).Response.HaVip
	expect(*haVip.Vip, "10.0.1.2")

	deleteSubnet := ecm.NewDeleteSubnetRequest()
	deleteSubnet.SubnetId = subnet.SubnetId
	deleteSubnet.EcmRegion = text(region)
	_, err := c.DeleteSubnet(deleteSubnet)
	expectError(err, "ResourceInUse")
	remove(c, haVip.HaVipId)
	must(c.DeleteSubnet(deleteSubnet))

	deleteVpc := ecm.NewDeleteVpcRequest()
	deleteVpc.VpcId = vpc.VpcId
	deleteVpc.EcmRegion = text(region)
	must(c.DeleteVpc(deleteVpc))
	return *vpc.VpcId + " " + *subnet.SubnetId
}

func addresses() string {
	c := client()
	allocate := ecm.NewAllocateAddressesRequest()
	allocate.EcmRegion = text(region)
	allocate.AddressCount = common.Uint64Ptr(2)
	allocate.InternetMaxBandwidthOut = common.Uint64Ptr(5)
	allocate.Tags = []*ecm.Tag{{Key: text("a"), Value: text("1")}, {Key: text("b"), Value: text("2")}}
	ids := must(c.AllocateAddresses(allocate)).Response.AddressSet
	expect(len(ids), 2)

	describe := ecm.NewDescribeAddressesRequest()
	describe.EcmRegion = text(region)
	describe.AddressIds = ids
	expect(*must(c.DescribeAddresses(describe)).Response.TotalCount, 2)

	release := ecm.NewReleaseAddressesRequest()
	release.EcmRegion = text(region)
	release.AddressIds = ids
	must(c.ReleaseAddresses(release))
	return *ids[0] + " " + *ids[1]
}

// sendBool sends a Boolean parameter. The EIP does not exist.
func sendBool(value bool) string {
	request := ecm.NewDisassociateAddressRequest()
	request.EcmRegion = text(region)
	request.AddressId = text("eip-zzzzzzzz")
	request.ReallocateNormalPublicIp = common.BoolPtr(value)
	_, err := client().DisassociateAddress(request)
	return expectError(err, "UnsupportedOperation.AddressIdNotFound")
}

// createAndDelete creates a HAVIP, which must get the address expected.
func createAndDelete(name string, vip *string, expected string) string {
	c := client()
	haVip := create(c, name, vip)
	remove(c, haVip.HaVipId)
	expect(*haVip.Vip, expected)
	return expected
}

// findByName creates a HAVIP, and finds it with a filter. Responses must have its name unchanged.
func findByName(name string) string {
	c := client()
	haVip := create(c, name, nil)
	expect(*haVip.HaVipName, name)
	request := ecm.NewDescribeHaVipsRequest()
	request.Filters = []*ecm.Filter{{Name: text("havip-name"), Values: []*string{text(name)}}}
	found := must(c.DescribeHaVips(request)).Response
	expect(*found.TotalCount, 1)
	expect(*found.HaVipSet[0].HaVipName, name)
	remove(c, haVip.HaVipId)
	return name
}

func client() *ecm.Client {
	return clientWithKey(os.Getenv("ECM_KEY"))
}

func clientWithKey(key string) *ecm.Client {
	settings := profile.NewClientProfile()
	settings.SignMethod = os.Getenv("ECM_SIGN")
	settings.HttpProfile.Scheme = os.Getenv("ECM_SCHEME")
	settings.HttpProfile.Endpoint = os.Getenv("ECM_ENDPOINT")
	settings.HttpProfile.ReqMethod = os.Getenv("ECM_METHOD")
	settings.HttpProfile.ReqTimeout = 10
	return must(ecm.NewClient(common.NewCredential(os.Getenv("ECM_ID"), key), "ap-guangzhou", settings))
}

func create(c *ecm.Client, name string, vip *string) *ecm.HaVip {
	request := ecm.NewCreateHaVipRequest()
	request.VpcId = text(vpcID)
	request.SubnetId = text(subnetID)
	request.HaVipName = text(name)
	request.Vip = vip
	return must(c.CreateHaVip(request)).Response.HaVip
}

func remove(c *ecm.Client, id *string) {
	request := ecm.NewDeleteHaVipRequest()
	request.HaVipId = id
	must(c.DeleteHaVip(request))
}

func text(value string) *string {
	return common.StringPtr(value)
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// expect compares the texts of two values, as the SDK has integers of several types.
func expect(got, expected any) {
	if fmt.Sprint(got) != fmt.Sprint(expected) {
		panic(fmt.Sprintf("expected %v, got %v", expected, got))
	}
}

// expectError returns the error that the SDK reports. The error must have a message and a request ID.
func expectError(err error, code string) string {
	var failure *sdkerrors.TencentCloudSDKError
	if !errors.As(err, &failure) {
		panic(fmt.Sprintf("expected %s, got %v", code, err))
	}
	expect(failure.Code, code)
	expect(failure.Message != "", true)
	expect(len(failure.RequestId), 36)
	return failure.Code + ": " + failure.Message
}
