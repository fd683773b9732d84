#!/usr/bin/env bash
# apt: g++ g++
# apt: libquickfix-dev /usr/include/quickfix/SocketAcceptor.h
# An acceptor of QuickFIX, which sends back each application message. It is compiled once.
set -e
acceptor=$(dirname "$0")/../../../.tmp/live/quickfix-acceptor
if [ ! -x "$acceptor" ]; then
  cat >"$2/acceptor.cpp" <<'CPP'
#include <quickfix/Application.h>
#include <quickfix/FileStore.h>
#include <quickfix/Session.h>
#include <quickfix/SessionSettings.h>
#include <quickfix/SocketAcceptor.h>
#include <unistd.h>
struct Echo : FIX::NullApplication {
  void fromApp(const FIX::Message& message, const FIX::SessionID& session)
    throw(FIX::FieldNotFound, FIX::IncorrectDataFormat, FIX::IncorrectTagValue,
      FIX::UnsupportedMessageType) override {
    FIX::Message copy = message;
    FIX::Session::sendToTarget(copy, session);
  }
};
int main(int, char** arguments) {
  Echo echo;
  FIX::SessionSettings settings(arguments[1]);
  FIX::MemoryStoreFactory store;
  FIX::SocketAcceptor acceptor(echo, store, settings);
  acceptor.start();
  for (;;) pause();
}
CPP
  g++ -std=c++14 -w -o "$2/acceptor" "$2/acceptor.cpp" -lquickfix -lpthread
  mv "$2/acceptor" "$acceptor"
fi
cat >"$2/settings" <<CONF
[DEFAULT]
ConnectionType=acceptor
SocketAcceptHost=127.0.0.1
SocketAcceptPort=$1
SocketReuseAddress=Y
StartTime=00:00:00
EndTime=00:00:00
UseDataDictionary=N
SenderCompID=SERVER
TargetCompID=CLIENT
[SESSION]
BeginString=FIX.4.4
CONF
exec "$acceptor" "$2/settings"
