//! Quotas of EIPs, and the tasks that change EIPs.

use crate::{
    ecm::{
        Error, Store,
        api::{objects::EipQuota, requests, responses},
        families::parts::region,
        model::LocalTime,
    },
    protocol::{Action, Context},
};

use super::{Address, PUBLIC_IPS_A_DAY_MAX};

/// Returns the quotas of EIPs in a region and their usage.
impl Action for requests::DescribeAddressQuota {
    type Product = Store;

    fn run(
        self,
        store: &mut Store,
        cx: &Context,
    ) -> Result<responses::DescribeAddressQuotaResponse, Error> {
        let region = region(self.ecm_region)?;
        let now = LocalTime::new(cx.now);
        let limit = store.settings().quotas.addresses_per_region;
        let quota = |id: &'static str, current: usize, limit: usize| EipQuota {
            quota_id: id.into(),
            quota_current: current as u64,
            quota_limit: limit as u64,
        };
        let held = store.table::<Address>().listing(Some(region)).len();
        let applied = store.applied_today(region, now);
        let given = store.public_ips_today(region, now);
        Ok(responses::DescribeAddressQuotaResponse {
            quota_set: vec![
                quota("TOTAL_EIP_QUOTA", held, limit),
                quota("DAILY_EIP_APPLY", applied, limit.saturating_mul(2)),
                quota("DAILY_EIP_ASSIGN", given, PUBLIC_IPS_A_DAY_MAX),
            ],
        })
    }
}

/// Returns whether a task is done.
impl Action for requests::DescribeTaskResult {
    type Product = Store;

    fn settle(response: &responses::DescribeTaskResultResponse, store: &mut Store) -> bool {
        response.task_id.is_some_and(|id| store.see_task(id))
    }

    /// Assumed (task.region, task.success): a task can be queried in any region, and none fails.
    fn run(
        self,
        store: &mut Store,
        _: &Context,
    ) -> Result<responses::DescribeTaskResultResponse, Error> {
        region(self.ecm_region)?;
        let task_id = self.task_id.ok_or(Error::Empty("TaskId"))?;
        let result = if store.task(task_id)?.left.is_none() { "SUCCESS" } else { "RUNNING" };
        Ok(responses::DescribeTaskResultResponse { task_id: Some(task_id), result: result.into() })
    }
}
