<?php

/*
 * Calls ecmock with the official PHP SDK, and prints PASS or FAIL for each check.
 *
 * usage: ecmsdk.php CHECK...
 *
 * Settings are the ECM_* variables that record.py sets. ECM_AUTOLOAD is the autoloader of the SDK, and defaults to
 * composer's in this folder.
 */

declare(strict_types=1);

use TencentCloud\Common\AbstractModel;
use TencentCloud\Common\Credential;
use TencentCloud\Common\Exception\TencentCloudSDKException;
use TencentCloud\Common\Profile\ClientProfile;
use TencentCloud\Common\Profile\HttpProfile;
use TencentCloud\Ecm\V20190719\EcmClient;
use TencentCloud\Ecm\V20190719\Models\Filter;
use TencentCloud\Ecm\V20190719\Models\HaVip;
use TencentCloud\Ecm\V20190719\Models\Tag;

require getenv('ECM_AUTOLOAD') ?: __DIR__ . '/vendor/autoload.php';
error_reporting(E_ALL & ~E_DEPRECATED); // the SDK uses features that PHP 8.2 deprecates

const VPC = 'vpc-m0c2kcun';
const SUBNET = 'subnet-rtmfkg4w';
const REGION = 'ap-hangzhou-ecm';
const ZONE = REGION . '-1';

function client(?string $key = null): EcmClient
{
    $http = new HttpProfile();
    $http->setProtocol(getenv('ECM_SCHEME') . '://');
    $http->setEndpoint(getenv('ECM_ENDPOINT'));
    $http->setReqMethod(getenv('ECM_METHOD'));
    $http->setReqTimeout(10);
    $credential = new Credential(getenv('ECM_ID'), $key ?? getenv('ECM_KEY'));
    return new EcmClient($credential, 'ap-guangzhou', new ClientProfile(getenv('ECM_SIGN'), $http));
}

/** Calls an action with its typed request. */
function call(EcmClient $client, string $action, array $params = []): AbstractModel
{
    $class = "TencentCloud\\Ecm\\V20190719\\Models\\{$action}Request";
    return $client->$action(fill(new $class(), $params));
}

function fill(AbstractModel $object, array $params): AbstractModel
{
    foreach ($params as $name => $value) {
        $object->$name = $value;
    }
    return $object;
}

function filter(string $name, string ...$values): AbstractModel
{
    return fill(new Filter(), ['Name' => $name, 'Values' => $values]);
}

function tag(string $key, string $value): AbstractModel
{
    return fill(new Tag(), ['Key' => $key, 'Value' => $value]);
}

function create(EcmClient $client, string $name, array $params = []): HaVip
{
    $defaults = ['VpcId' => VPC, 'SubnetId' => SUBNET, 'HaVipName' => $name];
    return call($client, 'CreateHaVip', array_merge($defaults, $params))->HaVip;
}

function delete(EcmClient $client, string $id): void
{
    call($client, 'DeleteHaVip', ['HaVipId' => $id]);
}

function expect(mixed $got, mixed $expected): void
{
    if ($got !== $expected) {
        throw new RuntimeException('expected ' . json_encode($expected) . ', got ' . json_encode($got));
    }
}

/** Returns the error that the SDK throws. The error must have a message and a request ID. */
function expect_error(string $code, EcmClient $client, string $action, array $params): string
{
    try {
        call($client, $action, $params);
    } catch (TencentCloudSDKException $error) {
        expect($error->getErrorCode(), $code);
        expect($error->getMessage() !== '', true);
        expect(strlen($error->getRequestId()), 36);
        return $error->getErrorCode() . ': ' . $error->getMessage();
    }
    throw new RuntimeException("expected $code, got a response");
}

/** Creates a HAVIP, which must get an address. */
function create_and_delete(string $name, string $expected, array $params = []): string
{
    $client = client();
    $ha_vip = create($client, $name, $params);
    delete($client, $ha_vip->HaVipId);
    expect($ha_vip->Vip, $expected);
    return $expected;
}

/** Creates a HAVIP, and finds it with a filter. Responses must have its name unchanged. */
function find_by_name(string $name): string
{
    $client = client();
    $ha_vip = create($client, $name);
    expect($ha_vip->HaVipName, $name);
    $found = call($client, 'DescribeHaVips', ['Filters' => [filter('havip-name', $name)]]);
    expect(array_column($found->HaVipSet, 'HaVipName'), [$name]);
    delete($client, $ha_vip->HaVipId);
    return $name;
}

function not_found(): string
{
    $params = ['VpcId' => VPC, 'SubnetId' => 'subnet-zzzzzzzz', 'HaVipName' => 'x'];
    return expect_error('ResourceNotFound', client(), 'CreateHaVip', $params);
}

function bad_key(): string
{
    return expect_error('AuthFailure.SignatureFailure', client('wrong'), 'DescribeHaVips', ['Limit' => 20]);
}

function filters(): string
{
    $client = client();
    $ids = [];
    foreach (range(0, 4) as $number) {
        $ids[] = create($client, "page-$number")->HaVipId;
    }
    $by_vpc_and_name = [filter('vpc-id', VPC), filter('havip-name', 'page-1', 'page-3', 'none')];
    expect(call($client, 'DescribeHaVips', ['Filters' => $by_vpc_and_name])->TotalCount, 2);
    $names = [];
    foreach ([0, 2, 4, 6] as $offset) { // the last page is empty
        $page = call($client, 'DescribeHaVips', ['Offset' => $offset, 'Limit' => 2]);
        expect($page->TotalCount, 5);
        array_push($names, ...array_column($page->HaVipSet, 'HaVipName'));
    }
    expect($names, ['page-0', 'page-1', 'page-2', 'page-3', 'page-4']);
    expect(call($client, 'DescribeHaVips', ['HaVipIds' => [$ids[1], $ids[2]]])->TotalCount, 2);
    foreach ($ids as $id) {
        delete($client, $id);
    }
    return implode(', ', $names);
}

function no_parameters(): string
{
    $client = client();
    call($client, 'DescribeHaVips');
    call($client, 'DescribeConfig');
    return 'no parameters';
}

function network(): string
{
    $client = client();
    $vpc = call($client, 'CreateVpc', [
        'VpcName' => 'made',
        'CidrBlock' => '10.0.0.0/16',
        'EcmRegion' => REGION,
        'DnsServers' => ['10.0.0.2', '10.0.0.3'],
        'Tags' => [tag('city', '杭州')],
    ])->Vpc->VpcId;
    $subnet = call($client, 'CreateSubnet', [
        'VpcId' => $vpc,
        'SubnetName' => 'made',
        'CidrBlock' => '10.0.1.0/24',
        'Zone' => ZONE,
        'EcmRegion' => REGION,
    ])->Subnet->SubnetId;
    $ha_vip = create($client, 'in-it', ['VpcId' => $vpc, 'SubnetId' => $subnet]);
    expect($ha_vip->Vip, '10.0.1.2');
    $delete_subnet = ['SubnetId' => $subnet, 'EcmRegion' => REGION];
    expect_error('ResourceInUse', $client, 'DeleteSubnet', $delete_subnet);
    delete($client, $ha_vip->HaVipId);
    call($client, 'DeleteSubnet', $delete_subnet);
    call($client, 'DeleteVpc', ['VpcId' => $vpc, 'EcmRegion' => REGION]);
    return "$vpc $subnet";
}

function addresses(): string
{
    $client = client();
    $ids = call($client, 'AllocateAddresses', [
        'EcmRegion' => REGION,
        'AddressCount' => 2,
        'InternetMaxBandwidthOut' => 5,
        'Tags' => [tag('a', '1'), tag('b', '2')],
    ])->AddressSet;
    expect(count($ids), 2);
    $by_id = ['EcmRegion' => REGION, 'AddressIds' => $ids];
    expect(call($client, 'DescribeAddresses', $by_id)->TotalCount, 2);
    call($client, 'ReleaseAddresses', $by_id);
    return implode(' ', $ids);
}

/** Sends a Boolean parameter. The EIP does not exist. */
function send_bool(bool $value): string
{
    $params = ['EcmRegion' => REGION, 'AddressId' => 'eip-zzzzzzzz', 'ReallocateNormalPublicIp' => $value];
    return expect_error('UnsupportedOperation.AddressIdNotFound', client(), 'DisassociateAddress', $params);
}

$checks = [
    'demo' => fn () => create_and_delete('demo', '172.16.0.17'),
    'vip' => fn () => create_and_delete('explicit', '172.16.0.99', ['Vip' => '172.16.0.99']),
    'notfound' => fn () => not_found(),
    'badkey' => fn () => bad_key(),
    'filters' => fn () => filters(),
    'empty' => fn () => no_parameters(),
    'network' => fn () => network(),
    'addresses' => fn () => addresses(),
    'true' => fn () => send_bool(true),
    'false' => fn () => send_bool(false),
    'chinese' => fn () => find_by_name('测试用的高可用虚拟IP'),
    'special' => fn () => find_by_name('a&b=c+d %"e\'/?#~*<>\\;:,(x)|'),
];

foreach (array_slice($argv, 1) as $name) {
    try {
        $line = "PASS $name " . $checks[$name]();
    } catch (Throwable $error) {
        $line = "FAIL $name " . get_class($error) . ': ' . $error->getMessage();
    }
    echo str_replace("\n", ' ', $line) . "\n";
}
