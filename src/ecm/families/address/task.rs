//! How far an account's EIPs are: their quotas, and the tasks that change them.

use serde::{Deserialize, Serialize};

use crate::{
    ecm::{
        Error, Store,
        families::parts::{EcmRegion, MaybeBlank},
        ids::TaskId,
        model::LocalTime,
    },
    protocol::{Action, Context},
};

use super::{Address, PUBLIC_IPS_A_DAY_MAX};

/// Shows how many EIPs a region may have, and how many it has.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct DescribeAddressQuota {
    ecm_region: EcmRegion,
}

/// Response of [`DescribeAddressQuota`].
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::ecm::families) struct DescribeAddressQuotaOutput {
    quota_set: [EipQuota; 3],
}

#[derive(Debug, Serialize)]
struct EipQuota {
    #[serde(rename = "QuotaId")]
    id: &'static str,
    #[serde(rename = "QuotaCurrent")]
    current: usize,
    #[serde(rename = "QuotaLimit")]
    limit: usize,
}

impl Action for DescribeAddressQuota {
    type Product = Store;
    type Output = DescribeAddressQuotaOutput;

    fn run(self, store: &mut Store, cx: &Context) -> Result<DescribeAddressQuotaOutput, Error> {
        let region = self.ecm_region.known()?;
        let now = LocalTime::new(cx.now);
        let limit = store.settings().quotas.addresses_per_region;
        let quota = |id, current, limit| EipQuota { id, current, limit };
        let held = store.table::<Address>().listing(Some(region)).len();
        let applied = store.applied_today(region, now);
        let given = store.public_ips_today(region, now);
        Ok(DescribeAddressQuotaOutput {
            quota_set: [
                quota("TOTAL_EIP_QUOTA", held, limit),
                quota("DAILY_EIP_APPLY", applied, limit.saturating_mul(2)),
                quota("DAILY_EIP_ASSIGN", given, PUBLIC_IPS_A_DAY_MAX),
            ],
        })
    }
}

/// Tells whether what a task does is done.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct DescribeTaskResult {
    ecm_region: EcmRegion,
    task_id: MaybeBlank<TaskId>,
}

/// Response of [`DescribeTaskResult`].
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::ecm::families) struct DescribeTaskResultOutput {
    task_id: TaskId,
    result: &'static str,
}

impl Action for DescribeTaskResult {
    type Product = Store;
    type Output = DescribeTaskResultOutput;

    fn settle(output: &DescribeTaskResultOutput, store: &mut Store) -> bool {
        store.see_task(output.task_id)
    }

    /// Assumed: a task can be asked for in any region. None of ecmock's fails.
    fn run(self, store: &mut Store, _: &Context) -> Result<DescribeTaskResultOutput, Error> {
        self.ecm_region.known()?;
        let task_id = self.task_id.required("TaskId")?;
        let result = if store.task(task_id)?.left.is_none() { "SUCCESS" } else { "RUNNING" };
        Ok(DescribeTaskResultOutput { task_id, result })
    }
}
