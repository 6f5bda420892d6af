package redis_test

import (
	"context"
	"io"
	"net"

	goredis "github.com/redis/go-redis/v9"
)

// flush makes a server forget its scripts.
func flush(ctx context.Context, client *goredis.Client) error {
	return client.ScriptFlush(ctx).Err()
}

// relay closes the first three connections at once, as a server does that is
// not ready, and joins the others to the server.
func relay(ctx context.Context, gate net.Listener, server string) {
	for n := 0; ; n++ {
		client, err := gate.Accept()
		if err != nil {
			return
		}
		if n < 3 {
			_ = client.Close()
			continue
		}
		var dialer net.Dialer
		upstream, err := dialer.DialContext(ctx, "tcp", server)
		if err != nil {
			_ = client.Close()
			return
		}
		go func() { _, _ = io.Copy(upstream, client); _ = upstream.Close() }()
		go func() { _, _ = io.Copy(client, upstream); _ = client.Close() }()
	}
}
