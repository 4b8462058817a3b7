//! The product's error codes, each with its documented phrase in English and in Chinese.
//!
//! Their names are the vendor's, misspellings included. Which action may answer which of them is
//! in [`documented`](super::documented).

use crate::protocol::error::codes;

pub use crate::protocol::refusal::codes::{
    INTERNAL_ERROR, INVALID_PARAMETER, INVALID_PARAMETER_VALUE, MISSING_PARAMETER,
    UNAUTHORIZED_OPERATION, UNSUPPORTED_OPERATION,
};

codes! {
    FAILED_OPERATION = "FailedOperation", "Operation failed.", "操作失败。";
    BLOCK_BALANCE = "FailedOperation.BlockBalance", "Insufficient balance.", "余额不足。";
    DATA_OPERATION_FAILED = "FailedOperation.DataOperationFailed",
        "Data operation failed.", "数据操作失败。";
    IMAGE_IN_USE = "FailedOperation.ImageInUse", "The image is in use.", "镜像正在使用中。";
    INSTANCE_IN_MODULE = "FailedOperation.InstanceInModule",
        "An instance already exists under the module.", "模块下存在实例。";
    INSTANCE_NOT_ALL_STOPPED = "FailedOperation.InstanceNotAllStopped",
        "Not all instances are shut down.", "实例没有全部关机。";
    INSTANCE_OWNER_CHECK_FAILED = "FailedOperation.InstanceOwnerCheckFailed",
        "The instance does not belong to the current module.", "实例不属于当前模块。";
    INTERNAL_OPERATION_FAILURE = "FailedOperation.InternalOperationFailure",
        "Internal error.", "内部操作错误。";
    INVALID_STATUS = "FailedOperation.InvalidStatus",
        "This operation cannot be performed in the current status.", "当前状态无法执行该操作。";
    OPERATION_CONFLICT = "FailedOperation.OperationConflict",
        "The current operation cannot be performed as another operation is being performed.",
        "其他操作正在运行，无法进行当前操作。";
    OPERATION_NOT_ALLOW = "FailedOperation.OperationNotAllow",
        "The current operation is not allowed.", "不允许执行当前操作。";
    PRIVATE_IP_ADDRESS_BINDED = "FailedOperation.PrivateIpAddressBinded",
        "The private IP has been bound to an EIP.", "该内网IP已经绑定了弹性IP。";
    PRIVATE_IP_ADDRESS_UNAVAILABLE = "FailedOperation.PrivateIpAddressUnavailable",
        "The private IP is unavailable.", "内网IP状态非可用状态。";
    COEXIST = "InvalidParameter.Coexist",
        "The parameters cannot be specified at the same time.", "参数不支持同时指定。";
    FORMAT_ERROR = "InvalidParameter.FormatError", "The parameter format is incorrect.", "参数格式错误。";
    INVALID_DATA_FORMAT = "InvalidParameter.InvalidDataFormat",
        "The data format is incorrect.", "数据格式不正确。";
    INVALID_PARAMETER_CONFLICT = "InvalidParameter.InvalidParameterConflict",
        "The two specified parameters conflict. An EIP can only be bound to an instance or the specified private IP of the specified ENI.",
        "指定的两个参数冲突，不能同时存在。 EIP只能绑定在实例上或指定网卡的指定内网 IP 上。";
    LB_ID_NOT_FOUND = "InvalidParameter.LBIdNotFound",
        "The CLB instance ID is incorrect.", "负载均衡实例ID错误。";
    LISTENER_ID_NOT_FOUND = "InvalidParameter.ListenerIdNotFound",
        "The listener ID is incorrect.", "监听器ID错误。";
    LOCATION_NOT_FOUND = "InvalidParameter.LocationNotFound",
        "No eligible forwarding rules were found.", "查找不到符合条件的转发规则。";
    PARAMETER_CONFLICT = "InvalidParameter.ParameterConflict",
        "Only `KeepImageLogin`, `Password`, or `KeyIds` can be used at a time.",
        "KeepImageLogin, Password, KeyIds 同时只能使用1个。";
    PORT_CHECK_FAILED = "InvalidParameter.PortCheckFailed",
        "Listener port check failed due to a port conflict.", "监听器端口检查失败，比如端口冲突。";
    PROTOCOL_CHECK_FAILED = "InvalidParameter.ProtocolCheckFailed",
        "Listener protocol check failed, because this operation is not supported by the protocol.",
        "监听器协议检查失败，比如相关协议不支持对应操作。";
    REGION_NOT_FOUND = "InvalidParameter.RegionNotFound", "The region is invalid.", "地域无效。";
    INVALID_VALUE_ADDRESS_QUOTA_LIMIT_EXCEEDED = "InvalidParameterValue.AddressQuotaLimitExceeded",
        "The number applied for exceeds the limit.", "申请数量超限。";
    BANDWIDTH_OUT_OF_RANGE = "InvalidParameterValue.BandwidthOutOfRange",
        "The bandwidth exceeds the limit.", "超多带宽限制。";
    CIDR_NOT_IN_PEER_VPC = "InvalidParameterValue.CidrNotInPeerVpc",
        "The destination IP range is not within the CIDR range of the customer VPC.",
        "目的网段不在对端VPC的CIDR范围内。";
    DUPLICATE = "InvalidParameterValue.Duplicate", "The data is duplicate.", "重复数据。";
    FILTER_LIMIT_EXCEEDED = "InvalidParameterValue.FilterLimitExceeded",
        "The value of the `Filter` parameter exceeds the limit.", "Filter参数数值超过限制。";
    IMAGE_DUPLICATE = "InvalidParameterValue.ImageDuplicate",
        "An image has already been imported.", "镜像已导入。";
    IMAGE_NAME_DUPLICATE = "InvalidParameterValue.ImageNameDuplicate",
        "The image name is duplicate.", "镜像名称重复。";
    IMAGE_SIZE_LARGE_THAN_SYS_DISK_SIZE = "InvalidParameterValue.ImageSizeLargeThanSysDiskSize",
        "The image size is greater than the system disk size.", "镜像大小大于系统盘大小。";
    INSTANCE_CONFIG_NOT_MATCH = "InvalidParameterValue.InstanceConfigNotMatch",
        "The instance configuration does not match.", "实例配置不匹配。";
    INVALID_VALUE_INSTANCE_ID_NOT_SUPPORTED = "InvalidParameterValue.InstanceIdNotSupported",
        "The instance does not support the current operation.", "实例不支持当前操作。";
    INSTANCE_NAME_TOO_LONG = "InvalidParameterValue.InstanceNameTooLong",
        "The instance name length exceeds the limit.", "实例名字长度超出限制。";
    INSTANCE_TYPE_NOT_MATCH_PID = "InvalidParameterValue.InstanceTypeNotMatchPid",
        "The instance model and `pid` do not match.", "实例机型和pid不匹配。";
    INVAILD_ADDRESS_ID = "InvalidParameterValue.InvaildAddressId", "The EIP is invalid.", "无效的EIP。";
    INVAILD_DESCRIBE_INSTANCE = "InvalidParameterValue.InvaildDescribeInstance",
        "Your input is incorrect, or you have no permission for the operation.", "您的输入有误或无相应的操作权限。";
    INVAILD_ENI_ID = "InvalidParameterValue.InvaildEniID", "The ENI ID is invalid.", "无效的弹性网卡ID。";
    INVAILD_HOST_NAME = "InvalidParameterValue.InvaildHostName",
        "`HostName` is invalid.", "HostName不合法。";
    INVAILD_MODIFY_PARAM = "InvalidParameterValue.InvaildModifyParam",
        "The parameter is incorrect.", "参数错误。";
    INVAILD_MODULE_NUM = "InvalidParameterValue.InvaildModuleNum",
        "The number of modules is invalid.", "模块数量不合法。";
    INVAILD_PAGE_PARAM = "InvalidParameterValue.InvaildPageParam",
        "The pagination parameter is invalid.", "分页参数不合法。";
    INVAILD_PASSWORD = "InvalidParameterValue.InvaildPassword",
        "The password is invalid.", "密码不合法。";
    INVALID_ADDRESS_COUNT = "InvalidParameterValue.InvalidAddressCount",
        "When you bind an ENI synchronously, you can apply for only one EIP at a time.",
        "当同步绑定弹性网卡时，一次只能申请单个弹性IP。";
    INVALID_BANDWIDTH = "InvalidParameterValue.InvalidBandwidth",
        "The bandwidth size is invalid.", "带宽大小不合法。";
    INVALID_BANDWIDTH_IN = "InvalidParameterValue.InvalidBandwidthIn",
        "The inbound bandwidth size exceeds the limit.", "入带宽大小超过限额。";
    INVALID_BANDWIDTH_IN_AND_OUT = "InvalidParameterValue.InvalidBandwidthInAndOut",
        "The inbound and outbound bandwidth must be the same.", "出入带宽必须一致。";
    INVALID_BILLING_TYPE = "InvalidParameterValue.InvalidBillingType",
        "The selected billing mode is not supported.", "该用户不支持当前所选择的计费类型。";
    INVALID_DATA_DISK_NUM = "InvalidParameterValue.InvalidDataDiskNum",
        "The number of data disks is invalid.", "数据盘个数不合法。";
    INVALID_DATA_DISK_SIZE = "InvalidParameterValue.InvalidDataDiskSize",
        "The data disk size is invalid.", "数据盘大小不合法。";
    INVALID_DATA_DISK_TYPE = "InvalidParameterValue.InvalidDataDiskType",
        "The data disk type is invalid.", "数据盘类型不合法。";
    INVALID_EIP_DIRECT_SERVICE = "InvalidParameterValue.InvalidEIPDirectService",
        "Windows images do not support IP direct access.", "windows镜像不支持IP直通。";
    INVALID_ECM_REGION = "InvalidParameterValue.InvalidEcmRegion",
        "The region parameter is invalid.", "地域参数不合法。";
    INVALID_FILTER = "InvalidParameterValue.InvalidFilter", "The filter is invalid.", "无效过滤器。";
    INVALID_ISP_IN_NODE = "InvalidParameterValue.InvalidISPInNode",
        "The ISP is invalid.", "运营商不合法。";
    INVALID_IMAGE_ARCHITECTURE = "InvalidParameterValue.InvalidImageArchitecture",
        "Models with a memory of 4 GB or above do not support 32-bit OS images.",
        "内存4G以上机型不支持32位操作系统镜像。";
    INVALID_IMAGE_ID = "InvalidParameterValue.InvalidImageID",
        "The image ID is invalid.", "镜像ID不合法。";
    INVALID_INSTANCE_CHARGE_TYPE = "InvalidParameterValue.InvalidInstanceChargeType",
        "The billing mode of the instance is invalid.", "实例计费类型不合法。";
    INVALID_INSTANCE_ID = "InvalidParameterValue.InvalidInstanceID",
        "The instance ID is invalid.", "实例ID不合法。";
    INVALID_INSTANCE_TYPE = "InvalidParameterValue.InvalidInstanceType",
        "The configuration of a High-IO model cannot be adjusted.", "不支持调整高IO机型配置。";
    INVALID_INSTANCE_TYPE_CONFIG_ID = "InvalidParameterValue.InvalidInstanceTypeConfigID",
        "The model ID is invalid.", "机型ID不合法。";
    INVALID_INTERNET_CHARGE_TYPE = "InvalidParameterValue.InvalidInternetChargeType",
        "The billing mode is invalid.", "计费类型不合法。";
    INVALID_KEY_PAIR_ID = "InvalidParameterValue.InvalidKeyPairId", "Invalid key ID.", "密钥ID无效。";
    INVALID_KEY_PAIR_NAME = "InvalidParameterValue.InvalidKeyPairName",
        "Invalid key name.", "密钥名称异常。";
    INVALID_LOAD_BALANCER_NUM = "InvalidParameterValue.InvalidLoadBalancerNum",
        "The number of CLB instances is invalid.", "负载均衡数量不合法。";
    INVALID_LOAD_BALANCER_TYPE = "InvalidParameterValue.InvalidLoadBalancerType",
        "The CLB instance type is invalid.", "负载均衡类型不合法。";
    INVALID_MODULE_ID = "InvalidParameterValue.InvalidModuleID",
        "The module ID is invalid.", "模块ID不合法。";
    INVALID_MODULE_ID_AND_INSTANCE_TYPE_CONFIG_ID = "InvalidParameterValue.InvalidModuleIDAndInstanceTypeConfigID",
        "The `ModuleId` and `InstanceType` parameters cannot be both empty.",
        "ModuleId和InstanceType参数不可同时为空。";
    INVALID_MODULE_ID_AND_INSTANCE_TYPE_ID = "InvalidParameterValue.InvalidModuleIDAndInstanceTypeID",
        "The `ModuleId` and `InstanceType` parameters cannot be both empty.",
        "ModuleId和InstanceType参数不可同时为空。";
    INVALID_MODULE_NAME = "InvalidParameterValue.InvalidModuleName",
        "The module names conflict.", "模块名称冲突。";
    INVALID_ORDER_BY_FIELD = "InvalidParameterValue.InvalidOrderByField",
        "The sort field is invalid.", "排序字段不合法。";
    INVALID_PUBLIC_PARAM = "InvalidParameterValue.InvalidPublicParam",
        "The common parameter is invalid.", "公共参数不合法。";
    INVALID_REGION = "InvalidParameterValue.InvalidRegion",
        "The ECM region is invalid.", "ecm region不合法。";
    INVALID_SECURITY_GROUP_ID = "InvalidParameterValue.InvalidSecurityGroupID",
        "The security group ID is invalid.", "全组ID不合法。";
    INVALID_SUBNET_IN_ZONE = "InvalidParameterValue.InvalidSubnetInZone",
        "The node does not exist in this subnet.", "该子网不存在该节点。";
    INVALID_SYSTEM_DISK_SIZE = "InvalidParameterValue.InvalidSystemDiskSize",
        "The system disk size is invalid.", "系统盘大小不合法。";
    INVALID_SYSTEM_DISK_TYPE = "InvalidParameterValue.InvalidSystemDiskType",
        "The system disk type is invalid.", "系统盘类型不合法。";
    INVALID_TIME = "InvalidParameterValue.InvalidTime", "The time is invalid.", "时间不合法。";
    INVALID_ZONE = "InvalidParameterValue.InvalidZone", "The zone is invalid.", "zone不合法。";
    INVALID_ZONE_INSTANCE_COUNT = "InvalidParameterValue.InvalidZoneInstanceCount",
        "The city or quantity is invalid.", "城市或者数量不合法。";
    INVALID_ZONE_INSTANCE_TYPE = "InvalidParameterValue.InvalidZoneInstanceType",
        "This model is not supported in the AZ.", "用区不支持此机型。";
    LENGTH = "InvalidParameterValue.Length", "The parameter length is incorrect.", "参数长度错误。";
    INVALID_VALUE_LIMIT_EXCEEDED = "InvalidParameterValue.LimitExceeded",
        "The parameter value exceeds the limit.", "参数值超出限制。";
    MALFORMED = "InvalidParameterValue.Malformed",
        "The input parameter format is invalid.", "入参格式不合法。";
    MODULE_NOT_ALLOW_CHANGE = "InvalidParameterValue.ModuleNotAllowChange",
        "The default configuration of an ECM module associated with instances cannot be modified.",
        "已有实例的边缘模块不支持调整默认配置。";
    NODE_NOT_SUPPORT_IPV6 = "InvalidParameterValue.NodeNotSupportIPv6",
        "The node does not support IPv6.", "节点不支持ipv6。";
    OBJECT_NOT_CURRENT_SUBNET = "InvalidParameterValue.ObjectNotCurrentSubnet",
        "The object is not in the current subnet.", "对象不在当前子网内。";
    OBJECT_VPC_NOT_CURRENT_VPC = "InvalidParameterValue.ObjectVpcNotCurrentVpc",
        "The specified object is not the current VPC.", "指定对象不是当前的私有网络。";
    PARAMETER_VALUE_TOO_LARGE = "InvalidParameterValue.ParameterValueTooLarge",
        "The parameter value exceeds the limit.", "参数值超出限制。";
    RANGE = "InvalidParameterValue.Range",
        "The parameter value is not in the specified range.", "参数值不在指定范围。";
    RESERVED = "InvalidParameterValue.Reserved",
        "The parameter value is an object retained by the system.", "参数值是一个系统保留对象。";
    SUBNET_CONFLICT = "InvalidParameterValue.SubnetConflict",
        "The specified CIDR block conflicts with another subnet in the same VPC.",
        "指定CIDR与同一个私有网络内的另一个子网发生冲突。";
    SUBNET_NOT_EXIST = "InvalidParameterValue.SubnetNotExist",
        "The subnet does not exist.", "子网不存在。";
    SUBNET_RANGE = "InvalidParameterValue.SubnetRange",
        "The subnet IP range is invalid.", "无效的子网网段。";
    TAG_NUM_OUT_OF_RANGE = "InvalidParameterValue.TagNumOutOfRange",
        "The number of tags exceeds the limit.", "标签数量超过限制。";
    TASK_NOT_FOUND = "InvalidParameterValue.TaskNotFound", "The task was not found.", "无法找到任务。";
    TERMINATE_TIME_SMALLER = "InvalidParameterValue.TerminateTimeSmaller",
        "The scheduled termination time is before the current time.", "定时销毁时间早于当前时间。";
    TOO_LONG = "InvalidParameterValue.TooLong", "The parameter value is too long.", "参数值太长。";
    UNMATCHED_BILLING_TYPE = "InvalidParameterValue.UnmatchedBillingType",
        "The model does not support the selected billing mode.", "该机型不支持当前所选择的计费类型。";
    UNSUPPORTED_REGION = "InvalidParameterValue.UnsupportedRegion",
        "The region is not supported.", "不支持该区域。";
    USER_NOT_SUPPORT_IPV6 = "InvalidParameterValue.UserNotSupportIPv6",
        "IPv6 is not supported.", "用户不支持ipv6。";
    VPC_CIDR_CONFLICT = "InvalidParameterValue.VpcCidrConflict",
        "The destination IP range conflicts with the CIDR block of the current VPC.",
        "目的网段和当前VPC的CIDR冲突。";
    LIMIT_EXCEEDED = "LimitExceeded", "The quota limit is exceeded.", "超过配额限制。";
    LIMIT_EXCEEDED_ADDRESS_QUOTA_LIMIT_EXCEEDED = "LimitExceeded.AddressQuotaLimitExceeded",
        "The number applied for exceeds the limit.", "申请数量超限。";
    ADDRESS_QUOTA_LIMIT_EXCEEDED_DAILY_ALLOCATE = "LimitExceeded.AddressQuotaLimitExceededDailyAllocate",
        "The maximum number of applications has been reached. The maximum number of applications that can be made by a Tencent Cloud account per day in each region is equal to twice the quota.",
        "申购次数不足，每个腾讯云账户每个地域每天申购次数为配额数*2 次。";
    LIMIT_EXCEEDED_CIDR_BLOCK = "LimitExceeded.CidrBlock",
        "Exceeded the upper limit of the assigned IPv6 IP ranges.", "分配IPv6网段数量达到上限。";
    ENI_QUOTA_LIMIT_EXCEEDED = "LimitExceeded.EniQuotaLimitExceeded",
        "The number of purchasable ENIs is insufficient.", "网卡配额不足。";
    INSTANCE_SECURITY_GROUP_LIMIT_EXCEEDED = "LimitExceeded.InstanceSecurityGroupLimitExceeded",
        "The number of security groups bound to the instance exceeds the limit.", "实例绑定的安全组超出限制。";
    LB_LIMIT_EXCEEDED = "LimitExceeded.LBLimitExceeded",
        "The number of CLB instances applied for exceeds the limit.", "申请的clb超过限制。";
    MODULE_SECURITY_GROUP_LIMIT_EXCEEDED = "LimitExceeded.ModuleSecurityGroupLimitExceeded",
        "The number of default module security groups exceeds the limit.", "模块默认安全组数目限制。";
    NIC_OR_IP_LIMIT_EXCEEDED = "LimitExceeded.NicOrIPLimitExceeded",
        "The number of ENIs or public IPs exceeds the limit specified by the CPU.",
        "弹性网卡或公网IP数超过CPU规定的限额。";
    PRIVATE_IP_QUOTA_LIMIT_EXCEEDED = "LimitExceeded.PrivateIPQuotaLimitExceeded",
        "The number of private IPs exceeds the limit.", "内网IP超出限制。";
    SECURITY_GROUP_INSTANCE_LIMIT_EXCEEDED = "LimitExceeded.SecurityGroupInstanceLimitExceeded",
        "The number of instances bound to the security group exceeds the limit.", "安全组绑定的实例数超限。";
    SECURITY_GROUP_MODULE_LIMIT_EXCEEDED = "LimitExceeded.SecurityGroupModuleLimitExceeded",
        "The number of modules that can be associated with the security group exceeds the limit.",
        "安全组可关联模块数目限制。";
    SECURITY_GROUP_POLICY_SET = "LimitExceeded.SecurityGroupPolicySet",
        "The number of security group rules exceeds the upper limit.", "安全组规则数量超过上限。";
    VCPU_LIMIT_EXCEEDED = "LimitExceeded.VcpuLimitExceeded",
        "The number of CPU cores applied for exceeds the limit.", "申请的cpu核数超限。";
    MISSING_ASSOCIATE_ENTITY = "MissingParameter.MissingAssociateEntity",
        "The entity parameter to be associated is missing.", "缺少需关联的实体参数。";
    MISSING_BASE_CONFIG_PARAMETER = "MissingParameter.MissingBaseConfigParameter",
        "The request parameters required to get the basic configuration are incomplete.",
        "获取基础配置请求参数不全。";
    MISSING_IMAGE_PARAMETER = "MissingParameter.MissingImageParameter",
        "The image operation parameters are incomplete.", "镜像操作参数不全。";
    MISSING_INSTANCE_TYPE_CONFIG_PARAMETER = "MissingParameter.MissingInstanceTypeConfigParameter",
        "The model operation parameters are incomplete.", "机型操作参数不全。";
    MISSING_INSTANCES_PARAMETER = "MissingParameter.MissingInstancesParameter",
        "The instance operation parameters are incomplete.", "实例操作参数不全。";
    MISSING_MODULE_PARAMETER = "MissingParameter.MissingModuleParameter",
        "The module operation parameters are incomplete.", "模块操作参数不全。";
    MISSING_NETWORK_INTERFACE_PARAMETER = "MissingParameter.MissingNetworkInterfaceParameter",
        "The request parameters required for ENI operation configuration are missing.",
        "缺少网卡操作配置的请求参数。";
    MISSING_NODE_PARAMETER = "MissingParameter.MissingNodeParameter",
        "The node operation parameters are incomplete.", "节点操作参数不全。";
    MISSING_OVER_VIEW_PARAMETER = "MissingParameter.MissingOverViewParameter",
        "The request parameters required to get the configuration of the overview page are incomplete.",
        "获取概览页配置请求参数不全。";
    MISSING_PRIVATE_IP_ADDRESS = "MissingParameter.MissingPrivateIpAddress",
        "The private IP address is missing.", "缺少私有IP地址。";
    INSTANCE_OPERATION_IN_PROGRESS = "OperationDenied.InstanceOperationInProgress",
        "The current operation is not allowed.", "不允许执行当前操作。";
    RESOURCE_IN_USE = "ResourceInUse", "The resource is in use.", "资源被占用。";
    RESOURCE_INSUFFICIENT = "ResourceInsufficient", "Insufficient resource.", "资源不足。";
    INSUFFICIENT_CIDR_BLOCK = "ResourceInsufficient.CidrBlock",
        "Insufficient CIDR blocks.", "网段资源不足。";
    IP_QUOTA_NOT_ENOUGH = "ResourceInsufficient.IPQuotaNotEnough",
        "Insufficient IP resource.", "IP资源不足。";
    INSTANCE_QUOTA_NOT_ENOUGH = "ResourceInsufficient.InstanceQuotaNotEnough",
        "The instance resource is insufficient.", "实例资源不足。";
    INVAILD_PRIVATE_IMAGE_NUM = "ResourceInsufficient.InvaildPrivateImageNum",
        "The number of private images exceeds the limit.", "私有镜像数量超出限制。";
    PRIVATE_IP_QUOTA_NOT_ENOUGH = "ResourceInsufficient.PrivateIPQuotaNotEnough",
        "Insufficient internal IP addresses in the current subnet.", "当前子网中内网IP不足";
    RESOURCE_NOT_FOUND = "ResourceNotFound", "The resource does not exist.", "资源不存在。";
    INSTANCE_NOT_EXIST = "ResourceNotFound.InstanceNotExist", "The instance is invalid.", "实例不合法。";
    INSTANCE_NOT_RUNNING = "ResourceUnavailable.InstanceNotRunning",
        "The instance is not running.", "实例未运行。";
    LOAD_BALANCER_SOLD_OUT = "ResourcesSoldOut.LoadBalancerSoldOut",
        "CLB instances have been sold out.", "负载均衡资源已经售罄。";
    SPECIFIED_INSTANCE_TYPE = "ResourcesSoldOut.SpecifiedInstanceType",
        "Specific models are sold out.", "特定机型售罄。";
    FORBIDDEN_OPERATION = "UnauthorizedOperation.ForbiddenOperation",
        "You don't have the permission to perform this operation.", "没有权限进行该操作。";
    WINDOWS_IMAGE = "UnauthorizedOperation.WindowsImage",
        "No permission for Windows images.", "无windows镜像权限。";
    ADDRESS_ID_NOT_FOUND = "UnsupportedOperation.AddressIdNotFound",
        "The IP was not found.", "未找到相关IP。";
    ALREADY_BIND_EIP = "UnsupportedOperation.AlreadyBindEip",
        "The specified instance has been bound to an EIP. You must unbind it from the current EIP first before you can bind it to another EIP.",
        "指定实例已经绑定了EIP。需先解绑当前的EIP才能再次进行绑定操作。";
    ATTACHMENT_ALREADY_EXISTS = "UnsupportedOperation.AttachmentAlreadyExists",
        "The ENI is already associated with an instance.", "弹性网卡与实例是已关联的。";
    ATTACHMENT_NOT_FOUND = "UnsupportedOperation.AttachmentNotFound",
        "The instance is not associated.", "实例是未关联的。";
    DEL_DEFAULT_ROUTE = "UnsupportedOperation.DelDefaultRoute",
        "The default route table cannot be deleted.", "禁止删除默认路由表。";
    DEL_ROUTE_WITH_SUBNET = "UnsupportedOperation.DelRouteWithSubnet",
        "The route table associated with a subnet cannot be deleted.", "禁止删除已关联子网的路由表。";
    DUPLICATE_POLICY = "UnsupportedOperation.DuplicatePolicy",
        "The security group policy is duplicate.", "安全组规则重复。";
    ECMP = "UnsupportedOperation.Ecmp", "The ECMP is not supported.", "不支持ECMP。";
    ECMP_WITH_CCN_ROUTE = "UnsupportedOperation.EcmpWithCcnRoute",
        "ECMP was formed with the CCN route.", "和云联网的路由形成ECMP。";
    ECMP_WITH_USER_ROUTE = "UnsupportedOperation.EcmpWithUserRoute",
        "ECMP was formed with the custom route.", "和用户自定义的路由形成ECMP。";
    INSTANCE_ID_NOT_FOUND = "UnsupportedOperation.InstanceIdNotFound",
        "The instance ID is invalid, as the specified instance ID does not exist.",
        "无效实例ID。指定的实例ID不存在。";
    UNSUPPORTED_INSTANCE_ID_NOT_SUPPORTED = "UnsupportedOperation.InstanceIdNotSupported",
        "The instance is not supported.", "不被支持的实例。";
    INSTANCE_TYPE_NOT_SUPPORT_IMAGE = "UnsupportedOperation.InstanceTypeNotSupportImage",
        "The current model does not support the selected image.", "当前机型不支持所选镜像。";
    INVALID_INSTANCE_STATE = "UnsupportedOperation.InvalidInstanceState",
        "This operation cannot be performed in the current status.", "当前状态不能进行该操作。";
    INVALID_NETWORK_INTERFACE_ID_NOT_FOUND = "UnsupportedOperation.InvalidNetworkInterfaceIdNotFound",
        "The specified `NetworkInterfaceId` does not exist, or the specified `PrivateIpAddress` is not on the `NetworkInterfaceId`.",
        "指定 NetworkInterfaceId 不存在或指定的PrivateIpAddress不在NetworkInterfaceId上。";
    INVALID_PRIVATE_IP_ADDRESS_ALREADY_BIND_EIP = "UnsupportedOperation.InvalidPrivateIpAddressAlreadyBindEip",
        "The specified private IP of the specified ENI has already been bound to an EIP. A private IP cannot be bound to more than one EIP.",
        "指定弹性网卡的指定内网IP已经绑定了EIP，不能重复绑定。";
    INVALID_STATE = "UnsupportedOperation.InvalidState",
        "The resource status is invalid.", "资源状态不合法。";
    UNSUPPORTED_MALFORMED = "UnsupportedOperation.Malformed",
        "Please check whether the provided IP address is complete.", "请确认提供的IP地址是否完整。";
    MUTEX_OPERATION_TASK_RUNNING = "UnsupportedOperation.MutexOperationTaskRunning",
        "A task with a mutually exclusive resource is being executed.", "资源互斥操作任务正在执行。";
    QUOTA_LIMIT_EXCEEDED = "UnsupportedOperation.QuotaLimitExceeded",
        "The instance specification supports binding only three EIPs.", "实例规格仅支持绑定三个EIP。";
    STATUS_NOT_PERMIT = "UnsupportedOperation.StatusNotPermit",
        "This operation cannot be performed in the current status.", "当前状态不能进行此操作。";
    SYSTEM_ROUTE = "UnsupportedOperation.SystemRoute",
        "Operations on the system route are prohibited.", "系统路由，禁止操作。";
    VERSION_MISMATCH = "UnsupportedOperation.VersionMismatch",
        "The specified version number of the security group rule is inconsistent with the latest version.",
        "指定安全组规则版本号和当前最新版本不一致。";
    VPC_MISMATCH = "UnsupportedOperation.VpcMismatch",
        "The resources are not in the same VPC.", "资源不属于同一个VPC。";
}
