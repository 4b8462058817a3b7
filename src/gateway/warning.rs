//! Warnings about calls of clients that may not do what their program intends.

use crate::protocol::request::{Request, Style};

/// Host of the SDKs' region breakers, after the name of the product. A breaker that is on sends calls
/// there instead of to the client's endpoint.
const BACKUP_HOST: &str = ".ap-guangzhou.tencentcloudapi.com";

/// Returns the warnings about a call, separated by semicolons: `of_account` and those about its client.
pub(super) fn of(
    request: &Request<'_>,
    service: &str,
    of_account: Option<String>,
) -> Option<String> {
    let breaker = is_backup(request.host(), service).then(|| {
        format!(
            "Host is the region breaker's backup endpoint `{service}{BACKUP_HOST}`; if the client has another endpoint, its region breaker is on and can send calls to the real cloud"
        )
    });
    let brackets = has_brackets(request).then(|| {
        "parameter names have brackets; lists are sent as `Filters.0.Name`, and tencentcloud-sdk-php 3.0.1656 sends no correct lists with signature v1".to_owned()
    });
    let warnings: Vec<String> = [of_account, breaker, brackets].into_iter().flatten().collect();
    (!warnings.is_empty()).then(|| warnings.join("; "))
}

/// Whether a `Host` header, with or without a port, is that of a region breaker.
fn is_backup(host: &[u8], service: &str) -> bool {
    let rest = host.strip_prefix(service.as_bytes());
    let port = rest.and_then(|rest| rest.strip_prefix(BACKUP_HOST.as_bytes()));
    port.is_some_and(|port| port.is_empty() || port.starts_with(b":"))
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
    fn the_host_of_a_region_breaker_is_warned_of() {
        for host in
            ["ecm.ap-guangzhou.tencentcloudapi.com", "ecm.ap-guangzhou.tencentcloudapi.com:7190"]
        {
            let warning = warning("/?Action=DescribeVpcs", host, None).unwrap();
            assert!(warning.contains("its region breaker is on"), "{warning}");
        }
        for host in [
            "ecm.tencentcloudapi.com",
            "ecm.ap-shanghai.tencentcloudapi.com",
            "ecm.ap-guangzhou.tencentcloudapi.com.test",
            "cvm.ap-guangzhou.tencentcloudapi.com",
            "127.0.0.1:7190",
        ] {
            assert_eq!(warning("/?Action=DescribeVpcs", host, None), None, "{host}");
        }
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
