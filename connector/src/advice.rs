//! Advice after a failure, for page and terminal to word.

/// Remedy that may help after a failed opening. Programs word it in their own terms: a flag, a switch, a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Advice {
    /// Start the server.
    StartServer,
    /// Check the name.
    CheckName,
    /// Use any IP version.
    UseAnyFamily,
    /// Check the address, and the firewalls on the way.
    CheckAddress,
    /// Check the address of the proxy.
    CheckProxy,
    /// Give a name and password for the proxy.
    GiveProxyCredentials,
    /// Check the machine's name server.
    CheckNameServer,
    /// Allow connections to an address of this class.
    AllowAddress,
    /// Check that the server speaks TLS at this port.
    CheckTls,
    /// Check that it is a WebSocket server.
    CheckServer,
    /// Use `wss://`.
    UseTls,
    /// Use `ws://`.
    UsePlain,
    /// Follow redirects.
    FollowRedirects,
    /// Give credentials, or other ones.
    GiveCredentials,
    /// Check the path.
    CheckPath,
    /// Give a client certificate.
    GiveClientCertificate,
    /// Renew the server's certificate, or accept any.
    RenewCertificate,
    /// Check this machine's clock, or accept any certificate.
    CheckClock,
    /// Use a name of the certificate in the URL, or accept any certificate.
    UseCertificateName,
    /// Trust the issuer of the certificate, or accept any certificate.
    TrustIssuer,
    /// Accept any certificate.
    AcceptCertificate,
}
