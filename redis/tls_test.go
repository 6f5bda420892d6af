package redis_test

import (
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bauta/redis"
	"bauta/redis/redistest"
)

// Each mistake is said at the start, at once and with what to do about it.
func TestAServerBehindTLS(t *testing.T) {
	t.Parallel()
	ours, theirs := redistest.NewAuthority(t), redistest.NewAuthority(t)
	day := 24 * time.Hour
	cert, key := ours.Certificate(t, "127.0.0.1", time.Now().Add(day))
	own, ownKey := ours.Certificate(t, "bauta", time.Now().Add(day))
	strange, strangeKey := theirs.Certificate(t, "bauta", time.Now().Add(day))
	old, oldKey := ours.Certificate(t, "127.0.0.1", time.Now().Add(-day))
	other, otherKey := ours.Certificate(t, "redis.example", time.Now().Add(day))
	empty := filepath.Join(t.TempDir(), "empty.crt")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	type server struct {
		cert, key string
		clients   bool
	}
	plain := server{cert, key, false}
	asks := server{cert, key, true}
	rows := []struct {
		name   string
		server server
		tls    redis.TLS
		scheme string // in the place of rediss, at the same port
		want   string // in the error; "" opens
	}{
		{"with its CA", plain, redis.TLS{CA: ours.CA}, "", ""},
		{"with its CA and a certificate of ours", asks, redis.TLS{CA: ours.CA, Cert: own, Key: ownKey}, "", ""},
		{"without its CA", plain, redis.TLS{}, "", "set redis.tls.ca"},
		{"with another CA", plain, redis.TLS{CA: theirs.CA}, "", "an authority that is not known here"},
		{"an expired certificate", server{old, oldKey, false}, redis.TLS{CA: ours.CA}, "", "renew it, or set this machine's clock"},
		{"a certificate for another name", server{other, otherKey, false}, redis.TLS{CA: ours.CA}, "", "is not for 127.0.0.1"},
		{"a certificate is asked for and not shown", asks, redis.TLS{CA: ours.CA}, "", "redis.tls.cert"},
		{"a certificate of somebody else", asks, redis.TLS{CA: ours.CA, Cert: strange, Key: strangeKey}, "", "redis.tls.cert"},
		{"a CA file that is not there", plain, redis.TLS{CA: empty + "x"}, "", "redis.tls.ca cannot be read (check the path)"},
		{"a CA file with nothing in it", plain, redis.TLS{CA: empty}, "", "it must be a PEM file"},
		{"certificate and key of different pairs", plain, redis.TLS{CA: ours.CA, Cert: own, Key: strangeKey}, "", "that they belong together"},
		{"TLS at the plain port", plain, redis.TLS{CA: ours.CA}, "plain port", "does it speak TLS at this port"},
		{"no TLS at the port for it", plain, redis.TLS{}, "redis", "rediss://"},
		{"files for TLS and a URL without", plain, redis.TLS{CA: ours.CA}, "redis", "write rediss://"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			settings, address := ours.Settings(t, row.server.cert, row.server.key, row.server.clients)
			s := redistest.Standalone(t, settings...)
			url := redistest.Secured(s.URL, s.Address, address)
			switch row.scheme {
			case "plain port":
				url = redistest.Secured(s.URL, "", "")
			case "redis":
				url = "redis://" + address
			}
			began := time.Now()
			wait := time.Hour // waiting is of no use
			if row.scheme != "" || strings.Contains(row.want, "redis.tls.cert") {
				wait = 0 // the server may say nothing, or break off
			}
			store, err := redis.Open(t.Context(), redis.Options{URL: url, TLS: row.tls, WaitOnStart: wait})
			if err == nil {
				defer func() { _ = store.Close() }()
			}
			if row.want == "" && err != nil {
				t.Fatalf("open: %v", err)
			}
			if row.want == "" {
				return
			}
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Fatalf("open: %v, want an error with %q (after %s)", err, row.want, time.Since(began))
			}
			if wait > 0 && !errors.Is(err, redis.ErrMisconfigured) {
				t.Errorf("%v is not ErrMisconfigured", err)
			}
		})
	}
}

// User and password of a URL are those of the servers with the data, of every kind; the
// sentinels have their own. None of them knows a user of the other.
func TestCredentialsAndTLSOfEveryKind(t *testing.T) {
	t.Parallel()
	ours := redistest.NewAuthority(t)
	rights := strings.Fields(redis.Rights())
	secure := func() (settings []string, address string) {
		cert, key := ours.Certificate(t, "127.0.0.1", time.Now().Add(time.Hour))
		return ours.Settings(t, cert, key, false)
	}
	rows := map[string]func(t *testing.T) (url, stranger string){
		"one server": func(t *testing.T) (string, string) {
			t.Helper()
			settings, address := secure()
			s := redistest.Standalone(t, settings...)
			return redistest.Secured(s.As(t, rights...), s.Address, address), redistest.Secured(s.As(t, "-@all"), s.Address, address)
		},
		"a cluster": func(t *testing.T) (string, string) {
			t.Helper()
			settings, address := secure()
			s := redistest.Cluster(t, append(settings, "--tls-cluster", "yes")...)
			return redistest.Secured(s.As(t, rights...), s.Address, address), redistest.Secured(s.As(t, "-@all"), s.Address, address)
		},
		"sentinels": func(t *testing.T) (string, string) {
			t.Helper()
			server, watcher, address := ours.Sentinel(t)
			name, password := credentials(t, watcher.As(t, "-@all", "+sentinel", "+subscribe", "+ping", "allchannels"))
			if err := watcher.Client.Do(t.Context(), "ACL", "SETUSER", "default", "resetpass").Err(); err != nil {
				t.Fatal(err)
			}
			url := strings.Replace(redistest.Secured(server.As(t, rights...), server.Address, address), "rediss", "rediss+sentinel", 1) + "?master_name=main"
			return url + "&sentinel_username=" + name + "&sentinel_password=" + password, url
		},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			right, wrong := row(t)
			o := redis.Options{URL: right, TLS: redis.TLS{CA: ours.CA}, WaitOnStart: 10 * time.Second}
			store, err := redis.Open(t.Context(), o)
			if err != nil {
				t.Fatalf("open: %v", err)
			}
			if r := store.Do(t.Context(), redis.Command("SET", "bauta:ad:acme:1", "one")); r.Err != nil {
				t.Error(r.Err)
			}
			_ = store.Close()
			o.URL, o.WaitOnStart = wrong, 0
			_, err = redis.Open(t.Context(), o)
			if err == nil {
				t.Fatal("it opened without the rights, or without the sentinels' password")
			}
			user, password := credentials(t, wrong)
			if strings.Contains(err.Error(), user) || strings.Contains(err.Error(), password) {
				t.Errorf("the error holds a credential: %v", err)
			}
		})
	}
}

// credentials are user and password of a URL.
func credentials(t *testing.T, text string) (name, password string) {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	password, _ = u.User.Password()
	return u.User.Username(), password
}
