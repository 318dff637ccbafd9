//! TLS in front of the central system of this program, on one port with what comes in the clear: a charge
//! point that raises its security profile keeps host and port.

use std::{
    io, net,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use rustls::{
    RootCertStore, ServerConfig, crypto,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    runtime,
    sync::oneshot,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;

use super::authority::{Authority, Pair};

/// The first byte of a TLS handshake.
const HANDSHAKE: u8 = 0x16;
/// How long a charge point may take until its first byte, and for the handshake.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long it is read from one that was refused: an alert is lost where bytes that were not read are in the
/// way.
const LINGER: Duration = Duration::from_millis(500);
/// The host in its certificate, besides 127.0.0.1.
const HOST: &str = "localhost";

/// The certificates of the central system.
pub struct Certificates {
    authority: Authority,
    /// The one that has signed those of the central system and of its charge points, in PEM.
    pub root: String,
    /// The one that comes after it, which it has signed.
    pub next_root: String,
    /// Of a charge point.
    pub client: Pair,
    /// With a certificate of the charge point where it shows one, and not without one.
    configs: [Arc<ServerConfig>; 2],
}

impl Certificates {
    /// The error is for the user.
    pub fn new() -> Result<Self, String> {
        let authority = Authority::new("Central system")?;
        let shown = authority.signs(HOST, &[HOST, "127.0.0.1"])?;
        let root = authority.root();
        let config = |is_needed| {
            let made = server_config(&root, &shown, is_needed);
            made.map(Arc::new)
                .map_err(|error| format!("no TLS: {error}"))
        };
        Ok(Self {
            next_root: authority.signs_authority("Next root of the central system")?,
            client: authority.signs("Charge point", &[])?,
            configs: [config(false)?, config(true)?],
            root,
            authority,
        })
    }

    pub fn authority(&self) -> &Authority {
        &self.authority
    }
}

fn server_config(
    root: &str,
    shown: &Pair,
    is_needed: bool,
) -> Result<ServerConfig, Box<dyn std::error::Error>> {
    let provider = Arc::new(crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(root.as_bytes())?)?;
    let clients =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
    let clients = match is_needed {
        true => clients,
        false => clients.allow_unauthenticated(),
    };
    let certificate = CertificateDer::from_pem_slice(shown.certificate.as_bytes())?;
    let key = PrivateKeyDer::from_pem_slice(shown.key.as_bytes())?;
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(clients.build()?)
        .with_single_cert(vec![certificate], key)?;
    Ok(config)
}

/// It listens until it is dropped.
pub struct Secured {
    port: u16,
    shared: Arc<Shared>,
    /// Dropped, it ends the thread.
    _end: oneshot::Sender<()>,
}

struct Shared {
    behind: u16,
    configs: [Arc<ServerConfig>; 2],
    needs_certificates: AtomicBool,
}

impl Secured {
    /// In front of the central system at that port of 127.0.0.1.
    pub fn start(behind: u16, certificates: &Certificates) -> io::Result<Self> {
        let listener = net::TcpListener::bind((net::Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared {
            behind,
            configs: certificates.configs.clone(),
            needs_certificates: AtomicBool::new(false),
        });
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (end, ended) = oneshot::channel();
        let theirs = Arc::clone(&shared);
        let serving = move || {
            runtime.block_on(async {
                tokio::spawn(accept(listener, theirs));
                // Its sender is dropped, and all tasks with the runtime.
                let _ = ended.await;
            });
        };
        thread::Builder::new()
            .name("tls".to_owned())
            .spawn(serving)?;
        Ok(Self {
            port,
            shared,
            _end: end,
        })
    }

    /// The URL for charge points.
    pub fn url(&self, is_secure: bool) -> String {
        let scheme = if is_secure { "wss" } else { "ws" };
        format!("{scheme}://{HOST}:{}/ocpp", self.port)
    }

    /// From now on connections with TLS need a certificate, or need none.
    pub fn needs_certificates(&self, needed: bool) {
        self.shared
            .needs_certificates
            .store(needed, Ordering::SeqCst);
    }
}

async fn accept(listener: net::TcpListener, shared: Arc<Shared>) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (client, _) = listener.accept().await?;
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            // A connection that breaks is what the charge point sees as well.
            let _ = serve(client, &shared).await;
        });
    }
}

async fn serve(mut client: TcpStream, shared: &Shared) -> io::Result<()> {
    client.set_nodelay(true)?;
    let mut first = [0];
    timeout(PATIENCE, client.peek(&mut first)).await??;
    if first != [HANDSHAKE] {
        let mut central = connect(shared).await?;
        copy_bidirectional(&mut client, &mut central).await?;
        return Ok(());
    }
    let [usual, with_certificate] = &shared.configs;
    let config = match shared.needs_certificates.load(Ordering::SeqCst) {
        true => with_certificate,
        false => usual,
    };
    let accepting = TlsAcceptor::from(Arc::clone(config))
        .accept(client)
        .into_fallible();
    match timeout(PATIENCE, accepting).await? {
        Ok(mut client) => {
            let mut central = connect(shared).await?;
            copy_bidirectional(&mut client, &mut central).await?;
            Ok(())
        }
        Err((error, mut client)) => {
            client.shutdown().await?;
            let mut rest = [0; 4096];
            let reading = async {
                while client.read(&mut rest).await? > 0 {}
                Ok(())
            };
            let _: Result<io::Result<()>, _> = timeout(LINGER, reading).await;
            Err(error)
        }
    }
}

async fn connect(shared: &Shared) -> io::Result<TcpStream> {
    let central = TcpStream::connect((net::Ipv4Addr::LOCALHOST, shared.behind)).await?;
    central.set_nodelay(true)?;
    Ok(central)
}
