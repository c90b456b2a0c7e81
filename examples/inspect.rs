//! placeholder
fn main() {
    use std::io::Read;
    let mut s = Vec::new();
    std::io::stdin().read_to_end(&mut s).unwrap();
    for line in s.split(|b| *b == b'\n') {
        match edexa_webhooks::WebhookEvent::from_slice(line) {
            Ok(e) => println!("OK {e} | {}", e.check().to_string().replace('\n', " / ")),
            Err(e) => println!("{:?} {:?} {e}", e.category(), e.pointer()),
        }
    }
}
