//! The input format that several targets share: HTTP/1.1 as text, with line feeds only.
//!
//! ```text
//! POST /
//! X-TC-Action: DescribeVpcs
//!
//! {}
//! ```

use http::{Request, request::Parts};

/// Reads a request and its body. Returns `None` if the head is invalid.
pub fn request(input: &[u8]) -> Option<(Parts, &[u8])> {
    let end = input.windows(2).position(|window| window == b"\n\n");
    let (head, body) = match end {
        Some(end) => (&input[..end], &input[end + 2..]),
        None => (input, &b""[..]),
    };
    let mut lines = head.split(|&byte| byte == b'\n');
    let line = str::from_utf8(lines.next()?).ok()?;
    let (method, target) = line.split_once(' ')?;
    let mut request = Request::builder().method(method).uri(target);
    for line in lines {
        let colon = line.iter().position(|&byte| byte == b':')?;
        request = request.header(&line[..colon], line[colon + 1..].trim_ascii());
    }
    Some((request.body(()).ok()?.into_parts().0, body))
}
