use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};

use anyhow::{Result, bail};
use magnetiq_doctor::holder;

/// Makes sure that nobody listens on `port`, which `whose` is about to use.
///
/// # Errors
///
/// With the program that holds it, and the option that chooses another port.
pub(crate) fn check_free(port: u16, whose: &str, option: &str) -> Result<()> {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_err_and(|error| error.kind() == std::io::ErrorKind::AddrInUse)
        || TcpListener::bind((Ipv6Addr::LOCALHOST, port)).is_err_and(|error| error.kind() == std::io::ErrorKind::AddrInUse);
    if taken {
        bail!("port {port}, which {whose} needs, is taken by {}\n\nend it, or choose another port: {option} N", named(port));
    }
    Ok(())
}

/// The program of another user stays unnamed unless this runs as root.
fn named(port: u16) -> String {
    holder(port).map_or_else(|| "a program of another user".to_owned(), |holder| format!("{} (process {})", holder.program, holder.pid))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::check_free;

    #[test]
    fn the_holder_of_a_port_is_named() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let error = check_free(port, "the test", "--port").expect_err("the port is taken").to_string();
        assert!(error.contains(&format!("(process {})", std::process::id())), "{error}");
        drop(listener);
        check_free(port, "the test", "--port").expect("the port is free");
    }
}
