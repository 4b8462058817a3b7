//! HAVIPs: addresses of a subnet that move between instances.

use serde::{Deserialize, Serialize};

use crate::{
    ecm::{
        Error, Store,
        ids::{SubnetId, VpcId},
        model::{HA_VIP_NAME_CHARS_MAX, HaVip, LocalTime},
    },
    protocol::{Action, Context},
};

use super::blank::{Address, MaybeBlank};

/// Reserves an address of a subnet: `Vip` if given, else the lowest free one.
///
/// <https://www.tencentcloud.com/document/product/1119/45732>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct CreateHaVip {
    vpc_id: MaybeBlank<VpcId>,
    subnet_id: MaybeBlank<SubnetId>,
    ha_vip_name: String,
    /// Assumed: an empty text counts as none.
    vip: Option<MaybeBlank<Address>>,
}

/// Response of [`CreateHaVip`].
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateHaVipOutput {
    ha_vip: HaVip,
}

impl Action for CreateHaVip {
    type Product = Store;
    type Output = CreateHaVipOutput;

    /// Assumed: the order of the checks, which no source states.
    fn run(self, store: &mut Store, cx: &Context) -> Result<CreateHaVipOutput, Error> {
        let vpc_id = self.vpc_id.required("VpcId")?;
        let subnet_id = self.subnet_id.required("SubnetId")?;
        let name = ha_vip_name(self.ha_vip_name)?;
        store.vpc(vpc_id)?;
        store.subnet(vpc_id, subnet_id)?;
        store.check_ha_vip_quota(vpc_id)?;
        let wanted = self.vip.and_then(|vip| vip.0).map(|Address(vip)| vip);
        let vip = store.take_address(subnet_id, wanted)?;

        let ha_vip = HaVip {
            id: store.new_ha_vip_id(),
            name,
            vip,
            vpc_id,
            subnet_id,
            network_interface_id: None,
            instance_id: None,
            address_ip: None,
            created_time: LocalTime(cx.now),
            business: String::new(),
        };
        store.insert_ha_vip(ha_vip.clone());
        Ok(CreateHaVipOutput { ha_vip })
    }
}

/// Any characters will do, as many as the limit.
fn ha_vip_name(name: String) -> Result<String, Error> {
    let chars = name.chars().count();
    match chars {
        0 => Err(Error::Empty("HaVipName")),
        1..=HA_VIP_NAME_CHARS_MAX => Ok(name),
        _ => Err(Error::TooLong { parameter: "HaVipName", chars, max: HA_VIP_NAME_CHARS_MAX }),
    }
}
