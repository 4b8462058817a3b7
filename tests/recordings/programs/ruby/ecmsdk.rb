# Calls ecmock with the official Ruby SDK, and prints PASS or FAIL for each check.
#
# usage: ecmsdk.rb CHECK...
#
# Settings are the ECM_* variables that record.py sets.

require 'tencentcloud-sdk-common'
require 'tencentcloud-sdk-ecm'

include TencentCloud::Common
include TencentCloud::Ecm::V20190719

VPC = 'vpc-m0c2kcun'
SUBNET = 'subnet-rtmfkg4w'
REGION = 'ap-hangzhou-ecm'
ZONE = "#{REGION}-1"

def client(key = ENV.fetch('ECM_KEY'))
  http = HttpProfile.new(ENV.fetch('ECM_SCHEME'), ENV.fetch('ECM_ENDPOINT'), ENV.fetch('ECM_METHOD'))
  http.req_timeout = 10
  profile = ClientProfile.new(ENV.fetch('ECM_SIGN'), http)
  Client.new(Credential.new(ENV.fetch('ECM_ID'), key), 'ap-guangzhou', profile)
end

# Calls an action with its typed request.
def call(client, action, **params)
  client.public_send(action, fill(TencentCloud::Ecm::V20190719.const_get("#{action}Request").new, params))
end

def fill(object, params)
  params.each { |name, value| object.public_send("#{name}=", value) }
  object
end

def filter(name, *values) = fill(Filter.new, Name: name, Values: values)

def tag(key, value) = fill(Tag.new, Key: key, Value: value)

def create(client, name, **params)
  call(client, 'CreateHaVip', VpcId: VPC, SubnetId: SUBNET, HaVipName: name, **params).HaVip
end

def delete(client, id) = call(client, 'DeleteHaVip', HaVipId: id)

def expect(got, expected)
  raise "expected #{expected.inspect}, got #{got.inspect}" unless got == expected
end

# Returns the error that the SDK raises. The error must have a message and a request ID.
def expect_error(code)
  yield
rescue TencentCloudSDKException => e
  expect(e.code, code)
  expect(e.message.empty?, false)
  expect(e.request_id.size, 36)
  "#{e.code}: #{e.message}"
else
  raise "expected #{code}, got a response"
end

# Creates a HAVIP, which must get an address.
def create_and_delete(name, expected, **params)
  ecm = client
  ha_vip = create(ecm, name, **params)
  delete(ecm, ha_vip.HaVipId)
  expect(ha_vip.Vip, expected)
  expected
end

# Creates a HAVIP, and finds it with a filter. Responses must have its name unchanged.
def find_by_name(name)
  ecm = client
  ha_vip = create(ecm, name)
  expect(ha_vip.HaVipName, name)
  found = call(ecm, 'DescribeHaVips', Filters: [filter('havip-name', name)])
  expect(found.HaVipSet.map(&:HaVipName), [name])
  delete(ecm, ha_vip.HaVipId)
  name
end

def not_found
  expect_error('ResourceNotFound') { create(client, 'x', SubnetId: 'subnet-zzzzzzzz') }
end

def bad_key
  expect_error('AuthFailure.SignatureFailure') { call(client('wrong'), 'DescribeHaVips', Limit: 20) }
end

def filters
  ecm = client
  ids = (0..4).map { |number| create(ecm, "page-#{number}").HaVipId }
  by_vpc_and_name = [filter('vpc-id', VPC), filter('havip-name', 'page-1', 'page-3', 'none')]
  expect(call(ecm, 'DescribeHaVips', Filters: by_vpc_and_name).TotalCount, 2)
  names = [0, 2, 4, 6].flat_map do |offset| # the last page is empty
    page = call(ecm, 'DescribeHaVips', Offset: offset, Limit: 2)
    expect(page.TotalCount, 5)
    page.HaVipSet.map(&:HaVipName)
  end
  expect(names, %w[page-0 page-1 page-2 page-3 page-4])
  expect(call(ecm, 'DescribeHaVips', HaVipIds: ids[1..2]).TotalCount, 2)
  ids.each { |id| delete(ecm, id) }
  names.join(', ')
end

def empty
  ecm = client
  call(ecm, 'DescribeHaVips')
  call(ecm, 'DescribeConfig')
  'no parameters'
end

def network
  ecm = client
  vpc = call(
    ecm, 'CreateVpc',
    VpcName: 'made',
    CidrBlock: '10.0.0.0/16',
    EcmRegion: REGION,
    DnsServers: ['10.0.0.2', '10.0.0.3'],
    Tags: [tag('city', '杭州')]
  ).Vpc.VpcId
  subnet = call(
    ecm, 'CreateSubnet',
    VpcId: vpc,
    SubnetName: 'made',
    CidrBlock: '10.0.1.0/24',
    Zone: ZONE,
    EcmRegion: REGION
  ).Subnet.SubnetId
  ha_vip = create(ecm, 'in-it', VpcId: vpc, SubnetId: subnet)
  expect(ha_vip.Vip, '10.0.1.2')
  expect_error('ResourceInUse') { call(ecm, 'DeleteSubnet', SubnetId: subnet, EcmRegion: REGION) }
  delete(ecm, ha_vip.HaVipId)
  call(ecm, 'DeleteSubnet', SubnetId: subnet, EcmRegion: REGION)
  call(ecm, 'DeleteVpc', VpcId: vpc, EcmRegion: REGION)
  "#{vpc} #{subnet}"
end

def addresses
  ecm = client
  tags = [tag('a', '1'), tag('b', '2')]
  ids = call(
    ecm, 'AllocateAddresses', EcmRegion: REGION, AddressCount: 2, InternetMaxBandwidthOut: 5, Tags: tags
  ).AddressSet
  expect(ids.size, 2)
  expect(call(ecm, 'DescribeAddresses', EcmRegion: REGION, AddressIds: ids).TotalCount, 2)
  call(ecm, 'ReleaseAddresses', EcmRegion: REGION, AddressIds: ids)
  ids.join(' ')
end

# Sends a Boolean parameter. The EIP does not exist.
def send_bool(value)
  params = { EcmRegion: REGION, AddressId: 'eip-zzzzzzzz', ReallocateNormalPublicIp: value }
  expect_error('UnsupportedOperation.AddressIdNotFound') { call(client, 'DisassociateAddress', **params) }
end

CHECKS = {
  'demo' => -> { create_and_delete('demo', '172.16.0.17') },
  'vip' => -> { create_and_delete('explicit', '172.16.0.99', Vip: '172.16.0.99') },
  'notfound' => -> { not_found },
  'badkey' => -> { bad_key },
  'filters' => -> { filters },
  'empty' => -> { empty },
  'network' => -> { network },
  'addresses' => -> { addresses },
  'true' => -> { send_bool(true) },
  'false' => -> { send_bool(false) },
  'chinese' => -> { find_by_name('测试用的高可用虚拟IP') },
  'special' => -> { find_by_name(%q(a&b=c+d %"e'/?#~*<>\;:,(x)|)) }
}.freeze

ARGV.each do |name|
  line = begin
    "PASS #{name} #{CHECKS.fetch(name).call}"
  rescue StandardError => e
    "FAIL #{name} #{e.class}: #{e.message}"
  end
  puts line.tr("\n", ' ')
end
