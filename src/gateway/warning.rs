//! Warnings about calls of clients that may not do what their program intends.

use crate::protocol::{
    request::{Request, Style},
    signature::is_backup,
};

/// The Host header shows that a region breaker may have moved the call.
const BREAKER: &str = "Host is a backup host of SDKs; if the client has another endpoint, turn off its region breaker and domain failover, which can send calls to the real cloud";
/// Parameters have PHP's form of lists.
const BRACKETS: &str = "parameter names have brackets; lists are sent as `Filters.0.Name`, and tencentcloud-sdk-php 3.0.1656 signs lists incorrectly with signature v1";

/// Returns the warnings about a call, separated by semicolons: `of_account` and those about its client.
pub(super) fn of(
    request: &Request<'_>,
    service: &str,
    of_account: Option<String>,
) -> Option<String> {
    let is_moved = str::from_utf8(request.host()).is_ok_and(|host| is_backup(host, service));
    let breaker = is_moved.then(|| BREAKER.to_owned());
    let brackets = has_brackets(request).then(|| BRACKETS.to_owned());
    let warnings: Vec<String> = [of_account, breaker, brackets].into_iter().flatten().collect();
    (!warnings.is_empty()).then(|| warnings.join("; "))
}

/// Whether a v1 call has parameters with brackets, which is PHP's form of lists.
fn has_brackets(request: &Request<'_>) -> bool {
    request.style == Style::V1 && request.pairs.iter().any(|(name, _)| name.contains('['))
}

#[cfg(test)]
mod tests {
    use axum::http::Request as HttpRequest;

    use super::*;
    use crate::protocol::request::Head;

    fn warning(target: &str, host: &str, of_account: Option<&str>) -> Option<String> {
        let http = HttpRequest::get(target).header("Host", host).body(()).unwrap();
        let parts = http.into_parts().0;
        let request = Request::read(Head::from(&parts), Ok(b""));
        of(&request, "ecm", of_account.map(str::to_owned))
    }

    #[test]
    fn a_backup_host_is_warned_of() {
        let target = "/?Action=DescribeVpcs";
        let warning = |host| warning(target, host, None);
        assert_eq!(warning("ecm.tencentcloudapi.cn").as_deref(), Some(BREAKER));
        assert_eq!(warning("ecm.tencentcloudapi.com"), None);
    }

    #[test]
    fn parameters_with_brackets_are_warned_of_in_v1() {
        let php = "/?Action=DescribeHaVips&Filters%5B0%5D%5BName%5D=vpc-id&Signature=x";
        let warning = warning(php, "127.0.0.1", Some("first")).unwrap();
        assert!(warning.starts_with("first; parameter names have brackets; "), "{warning}");
        assert_eq!(self::warning("/?Action=DescribeHaVips&Filters.0.Name=a", "", None), None);
        let v3 = HttpRequest::get(php).header("Authorization", "TC3").body(()).unwrap();
        let parts = v3.into_parts().0;
        let request = Request::read(Head::from(&parts), Ok(b""));
        assert_eq!(of(&request, "ecm", None), None);
    }
}
