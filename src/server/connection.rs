//! Connections: each has a seat, a patience, and HTTP/1.1 (RFC 9112) on it, with TLS or without.

use std::{convert::Infallible, net::IpAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, http::Request, response::Response};
use hyper::{
    body::Incoming,
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use rustls::{ServerConfig, server::Acceptor};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_rustls::LazyConfigAcceptor;

use super::{
    desk::{Caller, Desk},
    limits::{
        CONNECTION_PATIENCE, HANDSHAKE_PATIENCE, HEAD_PATIENCE, LAST_REQUEST_PATIENCE, MOST_HEADERS, MOST_OF_HEAD,
        Seats,
    },
    visitors::Handshake,
};

/// A port and what answers on it.
pub(super) struct Port<A> {
    pub(super) listener: TcpListener,
    pub(super) answers: A,
    pub(super) wire: Wire,
}

/// What answers requests.
pub(super) trait Answer: Clone + Send + 'static {
    /// The answer to one request.
    fn answer(self, caller: Caller, request: Request<Incoming>) -> impl Future<Output = Response> + Send;
}

impl Answer for Router {
    async fn answer(self, caller: Caller, mut request: Request<Incoming>) -> Response {
        request.extensions_mut().insert(caller);
        TowerToHyperService::new(self).call(request).await.unwrap_or_else(|never| match never {})
    }
}

/// What lies between TCP and HTTP.
#[derive(Clone)]
pub(super) enum Wire {
    /// Nothing.
    Plain,
    /// TLS; what is seen of its handshakes is told to the desk where one is named.
    Tls(Arc<ServerConfig>, Option<Arc<Desk>>),
}

/// Takes connections for as long as it is polled; dropped, it ends them all.
pub(super) async fn accept<A: Answer>(port: Port<A>, seats: Seats) {
    let Port { listener, answers, wire } = port;
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            // Whatever became of one, a panic as well, the others go on.
            Some(_) = connections.join_next() => continue,
        };
        let Ok((stream, peer)) = accepted else {
            // No file descriptors are left, most likely: some come back when a connection ends.
            sleep(BREATH).await;
            continue;
        };
        let address = peer.ip().to_canonical();
        if let Some(seat) = seats.take(address) {
            let caller = Caller { address, _seat: Arc::new(seat) };
            connections.spawn(converse(stream, caller, answers.clone(), wire.clone()));
        }
    }
}

async fn converse(stream: TcpStream, caller: Caller, answers: impl Answer, wire: Wire) {
    // The answers are small: waiting for more to send along would only make them late.
    let _ = stream.set_nodelay(true);
    match wire {
        Wire::Plain => serve(stream, caller, answers).await,
        Wire::Tls(configuration, desk) => {
            let see = |what: &dyn Fn(&Desk)| {
                if let Some(desk) = &desk {
                    what(desk);
                }
            };
            let address: IpAddr = caller.address;
            see(&|desk| desk.visitors.connected(address));
            let handshake = async {
                // Who closes before a word is nobody who refused a certificate.
                let hello = LazyConfigAcceptor::new(Acceptor::default(), stream).await.ok()?;
                let stream = hello.into_stream(configuration).await;
                let outcome = if stream.is_ok() { Handshake::Completed } else { Handshake::Refused };
                see(&|desk| desk.visitors.shook_hands(address, outcome));
                stream.ok()
            };
            if let Ok(Some(stream)) = timeout(HANDSHAKE_PATIENCE, handshake).await {
                serve(stream, caller, answers).await;
            }
        }
    }
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, caller: Caller, answers: impl Answer) {
    let service = service_fn(move |request| {
        let answer = answers.clone().answer(caller.clone(), request);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .max_headers(MOST_HEADERS)
        .max_buf_size(MOST_OF_HEAD)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    if timeout(CONNECTION_PATIENCE, connection.as_mut()).await.is_err() {
        connection.as_mut().graceful_shutdown();
        let _ = timeout(LAST_REQUEST_PATIENCE, connection).await;
    }
}

/// How long nobody is let in when the system has no room for more.
const BREATH: Duration = Duration::from_millis(50);
