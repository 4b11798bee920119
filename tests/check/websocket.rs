//! WebSockets: whether one opens is a note, and a finding where one was wanted.

use crate::{
    home::Home,
    leaf::Leaf,
    server::{serve, serve_saying},
    support::tools::{commands, present},
};

const OPENS: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                     Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
/// With an answer before the answer, RFC 8297.
const OPENS_LATER: &str = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 101 Switching Protocols\r\n\
                           Upgrade: websocket\r\nConnection: Upgrade\r\n\
                           Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

#[test]
fn a_websocket_is_looked_for_and_missed_only_where_it_was_wanted() {
    if !present("WebSockets", &commands(&["openssl", "faketime"])) {
        return;
    }
    let home = Home::new();
    let made = home.leaf(&Leaf::good());
    let chain = [&made.certificate[..], &home.issuing];
    let found = home.check(serve_saying(&chain, &made.key, OPENS), &["--websocket", "/api/events"]).breaks(&[]);
    assert_eq!(found.json["server"]["websocket"]["opens"], true);
    let port = serve(&chain, &made.key);
    let found = home.check(port, &[]).breaks(&[]);
    assert_eq!(
        (&found.json["server"]["websocket"]["opens"], &found.json["server"]["websocket"]["status"]),
        (&false.into(), &404.into())
    );
    home.check(port, &["--websocket", "/api/events"])
        .breaks(&["websocket"])
        .says("at `/api/events`: the answer is 404, and not 101");
    let cached =
        serve_saying(&chain, &made.key, "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: another\r\n\r\n");
    home.check(cached, &["--websocket", "/"]).breaks(&["websocket"]).says("its Sec-WebSocket-Accept is wrong");
    home.check(serve_saying(&chain, &made.key, OPENS_LATER), &["--websocket", "/"]).breaks(&[]);
    let rubbish = serve_saying(&chain, &made.key, "220 mail.lan ESMTP\r\n");
    home.check(rubbish, &[]).breaks(&[]);
    home.check(rubbish, &["--websocket", "/"]).breaks(&["websocket"]).says("what it says is not HTTP");
    for path in ["api", "/a b", "/a\r\nX: y"] {
        assert_eq!(home.check(port, &["--websocket", path]).answer.code, Some(2), "{path}");
    }
}
