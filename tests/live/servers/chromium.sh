#!/usr/bin/env bash
# apt: chromium chromium
# apt: socat socat
# Runs an extension, the program of whose native messages is the server on PORT+1.
mkdir -p "$2/extension" "$2/profile/NativeMessagingHosts"
cat >"$2/program" <<CONF
#!/usr/bin/env bash
exec socat STDIO TCP:127.0.0.1:$(($1 + 1))
CONF
chmod +x "$2/program"
cat >"$2/extension/manifest.json" <<'CONF'
{
  "manifest_version": 3,
  "name": "test",
  "version": "1",
  "permissions": ["nativeMessaging"],
  "background": { "service_worker": "worker.js" }
}
CONF
cat >"$2/extension/worker.js" <<'CONF'
function connect() {
  const port = chrome.runtime.connectNative("test.program");
  port.onDisconnect.addListener(() => setTimeout(connect, 200));
  port.onMessage.addListener((message) => {
    if (message.repeat === undefined) port.postMessage(message);
    else port.postMessage({ text: message.text.repeat(message.repeat) });
  });
  port.postMessage("ä€😀");
}
connect();
CONF
# The identifier of an extension is the hash of its path, with letters from a to p as digits.
id=$(printf %s "$2/extension" | sha256sum | head -c 32 | tr 0-9a-f a-p)
cat >"$2/profile/NativeMessagingHosts/test.program.json" <<CONF
{
  "name": "test.program",
  "description": "test",
  "path": "$2/program",
  "type": "stdio",
  "allowed_origins": ["chrome-extension://$id/"]
}
CONF
exec chromium --headless=new --no-sandbox --disable-gpu "--user-data-dir=$2/profile" \
  "--remote-debugging-port=$1" "--load-extension=$2/extension" \
  --disable-features=DisableLoadExtensionCommandLineSwitch about:blank
