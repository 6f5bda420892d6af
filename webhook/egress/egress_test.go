package egress_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"bauta/webhook/egress"
)

// refusal returns the kind in err, "" if it is nil, and fails on other errors.
func refusal(t *testing.T, err error) egress.Kind {
	t.Helper()
	if err == nil {
		return ""
	}
	var r *egress.RefusedError
	if !errors.As(err, &r) {
		t.Fatalf("not a refusal: %v", err)
	}
	return r.Kind
}

func TestCheckURL(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		url  string
		want egress.Kind
	}{
		"a name over https":                            {"https://crm.example/hooks?x=1", ""},
		"a name with a trailing dot":                   {"https://crm.example./hooks", ""},
		"a public address":                             {"https://1.1.1.1/hooks", ""},
		"a public IPv6 address with a port":            {"https://[2606:4700::1111]:8443/", ""},
		"a public address behind NAT64":                {"https://[64:ff9b::101:101]/", ""},
		"http without permission":                      {"http://crm.example/", egress.Scheme},
		"another scheme":                               {"gopher://crm.example/", egress.Scheme},
		"no scheme":                                    {"crm.example/hooks", egress.Scheme},
		"user and password":                            {"https://a:b@crm.example/", egress.Userinfo},
		"a user only":                                  {"https://a@crm.example/", egress.Userinfo},
		"a fragment":                                   {"https://crm.example/#a", egress.Malformed},
		"no host":                                      {"https:///hooks", egress.Malformed},
		"not a URL":                                    {"https://crm.example:abc/", egress.Malformed},
		"port zero":                                    {"https://crm.example:0/", egress.Malformed},
		"a port too large":                             {"https://crm.example:65536/", egress.Malformed},
		"digits of another script":                     {"https://１２７.0.0.1/", egress.Malformed},
		"a percent-escaped dot":                        {"https://127%2e0.0.1/", egress.Malformed},
		"an empty label":                               {"https://crm.example../", egress.Malformed},
		"localhost by name":                            {"https://localhost/", egress.Loopback},
		"localhost by name with a dot":                 {"https://LocalHost./", egress.Loopback},
		"below localhost":                              {"https://a.localhost/", egress.Loopback},
		"loopback":                                     {"https://127.0.0.1/", egress.Loopback},
		"loopback elsewhere in its network":            {"https://127.9.9.9/", egress.Loopback},
		"loopback mapped":                              {"https://[::ffff:127.0.0.1]/", egress.Loopback},
		"loopback mapped in hexadecimal":               {"https://[::ffff:7f00:1]/", egress.Loopback},
		"loopback in two parts":                        {"https://127.1/", egress.Malformed},
		"loopback with a hexadecimal part":             {"https://0x7f.1/", egress.Malformed},
		"loopback all hexadecimal":                     {"https://0x7f000001/", egress.Malformed},
		"loopback hexadecimal at the end":              {"https://127.0.0.0x1/", egress.Malformed},
		"loopback as one number":                       {"https://2130706433/", egress.Malformed},
		"loopback octal":                               {"https://0177.0.0.1/", egress.Malformed},
		"loopback with a trailing dot":                 {"https://127.0.0.1./", egress.Malformed},
		"loopback in IPv6":                             {"https://[::1]/", egress.Loopback},
		"loopback in IPv6 written out":                 {"https://[0:0:0:0:0:0:0:1]/", egress.Loopback},
		"an old IPv4-compatible address":               {"https://[::127.0.0.1]/", egress.Reserved},
		"unspecified":                                  {"https://0.0.0.0/", egress.Unspecified},
		"unspecified in IPv6":                          {"https://[::]/", egress.Unspecified},
		"private ten":                                  {"https://10.1.2.3/", egress.Private},
		"private one seven two":                        {"https://172.31.255.255/", egress.Private},
		"just outside of one seven two":                {"https://172.32.0.0/", ""},
		"private one nine two":                         {"https://192.168.0.1/", egress.Private},
		"unique local":                                 {"https://[fd12:3456::1]/", egress.Private},
		"link local":                                   {"https://169.254.1.1/", egress.LinkLocal},
		"link local IPv6":                              {"https://[fe80::1]/", egress.LinkLocal},
		"link local IPv6 with a zone":                  {"https://[fe80::1%25eth0]/", egress.Malformed},
		"metadata":                                     {"https://169.254.169.254/latest/", egress.Metadata},
		"metadata mapped":                              {"https://[::ffff:a9fe:a9fe]/", egress.Metadata},
		"metadata in IPv6":                             {"https://[fd00:ec2::254]/", egress.Metadata},
		"metadata behind NAT64":                        {"https://[64:ff9b::a9fe:a9fe]/", egress.Metadata},
		"private behind NAT64":                         {"https://[64:ff9b::10.0.0.1]/", egress.Private},
		"loopback behind NAT64":                        {"https://[64:ff9b::7f00:1]/", egress.Loopback},
		"local-use NAT64":                              {"https://[64:ff9b:1::a00:1]/", egress.Tunnel},
		"6to4 of a private address":                    {"https://[2002:a00:1::1]/", egress.Tunnel},
		"Teredo":                                       {"https://[2001:0:a00:1::1]/", egress.Tunnel},
		"shared address space":                         {"https://100.64.0.1/", egress.Shared},
		"multicast":                                    {"https://224.0.0.1/", egress.Multicast},
		"multicast IPv6":                               {"https://[ff02::1]/", egress.Multicast},
		"broadcast":                                    {"https://255.255.255.255/", egress.Reserved},
		"documentation":                                {"https://203.0.113.9/", egress.Reserved},
		"documentation IPv6":                           {"https://[2001:db8::1]/", egress.Reserved},
		"benchmarks":                                   {"https://198.18.0.1/", egress.Reserved},
		"outside of what is handed out as public IPv6": {"https://[4000::1]/", egress.Reserved},
		"the discard prefix":                           {"https://[100::1]/", egress.Reserved},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := egress.CheckURL(c.url, egress.Options{})
			if got := refusal(t, err); got != c.want {
				t.Fatalf("kind %q, want %q (%v)", got, c.want, err)
			}
			if err != nil && strings.Contains(err.Error(), "crm.example") {
				t.Errorf("the error holds the URL: %v", err)
			}
		})
	}
}

func TestCheckURLWithPermissions(t *testing.T) {
	t.Parallel()
	o := egress.Options{AllowPrivate: true, AllowHTTP: true}
	for name, c := range map[string]struct {
		url  string
		want egress.Kind
	}{
		"http to loopback":              {"http://127.0.0.1:8080/", ""},
		"localhost by name":             {"http://localhost/", ""},
		"a private address":             {"https://10.0.0.1/", ""},
		"a unique local address":        {"https://[fd12::1]/", ""},
		"shared address space":          {"https://100.64.0.1/", ""},
		"metadata all the same":         {"http://169.254.169.254/", egress.Metadata},
		"metadata in IPv6 all the same": {"http://[fd00:ec2::254]/", egress.Metadata},
		"unspecified all the same":      {"http://0.0.0.0/", egress.Unspecified},
		"multicast all the same":        {"http://239.0.0.1/", egress.Multicast},
		"user all the same":             {"http://a@10.0.0.1/", egress.Userinfo},
		"other schemes all the same":    {"file:///etc/passwd", egress.Scheme},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := refusal(t, egress.CheckURL(c.url, o)); got != c.want {
				t.Fatalf("kind %q, want %q", got, c.want)
			}
		})
	}
}

// resolver answers every question for an A record with the next address, over
// a pipe: no socket and no name server is asked.
func resolver(asked *atomic.Int32, answers ...string) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		near, far := net.Pipe()
		go func() {
			defer far.Close()
			var size [2]byte
			for {
				if _, err := io.ReadFull(far, size[:]); err != nil {
					return
				}
				q := make([]byte, binary.BigEndian.Uint16(size[:]))
				if _, err := io.ReadFull(far, q); err != nil {
					return
				}
				if _, err := far.Write(answer(q, asked, answers)); err != nil {
					return
				}
			}
		}()
		return near, nil
	}}
}

// answer builds the reply to a one-question DNS message (RFC 1035, 4.1 and 4.2.2).
func answer(q []byte, asked *atomic.Int32, answers []string) []byte {
	end := 12
	for q[end] != 0 {
		end += int(q[end]) + 1
	}
	end += 5
	isA := q[end-4] == 0 && q[end-3] == 1
	m := append([]byte{}, q[:end]...)
	m[2], m[3] = 0x81, 0x80
	clear(m[6:12])
	if isA {
		m[7] = 1
		n := int(asked.Add(1)) - 1
		ip := netip.MustParseAddr(answers[min(n, len(answers)-1)]).As4()
		m = append(m, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4)
		m = append(m, ip[:]...)
	}
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(m))), m...)
}

func get(t *testing.T, rt http.RoundTripper, url string) (*http.Response, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := rt.RoundTrip(r)
	if err == nil {
		t.Cleanup(func() { _ = resp.Body.Close() })
	}
	return resp, err
}

func TestDialJudgesWhatANameResolvesTo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer string
		want   egress.Kind
	}{
		"loopback":      {"127.0.0.1", egress.Loopback},
		"metadata":      {"169.254.169.254", egress.Metadata},
		"private":       {"10.0.0.1", egress.Private},
		"shared":        {"100.127.0.1", egress.Shared},
		"documentation": {"192.0.2.1", egress.Reserved},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int32
			tr := egress.New(egress.Options{AllowHTTP: true, Resolver: resolver(&asked, c.answer)})
			_, err := get(t, tr, "http://crm.example/")
			if got := refusal(t, err); got != c.want {
				t.Fatalf("kind %q, want %q", got, c.want)
			}
			if asked.Load() == 0 {
				t.Fatal("the name was not resolved by the injected resolver")
			}
			for _, part := range []string{c.answer, "crm.example"} {
				var r *egress.RefusedError
				if errors.As(err, &r); strings.Contains(r.Error(), part) {
					t.Errorf("the refusal tells %q", part)
				}
			}
		})
	}
}

// A name whose answer changes between two deliveries (DNS rebinding): the
// first answer is allowed and reaches the server, the second is refused.
func TestDialJudgesEveryDialAnew(t *testing.T) {
	t.Parallel()
	var served, asked atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		served.Add(1)
		w.Header().Set("Connection", "close")
	}))
	t.Cleanup(srv.Close)
	port := srv.URL[strings.LastIndexByte(srv.URL, ':'):]
	tr := egress.New(egress.Options{
		AllowHTTP: true, AllowPrivate: true,
		Resolver: resolver(&asked, "127.0.0.1", "169.254.169.254"),
	})
	if _, err := get(t, tr, "http://crm.example"+port); err != nil {
		t.Fatalf("the first answer: %v", err)
	}
	_, err := get(t, tr, "http://crm.example"+port)
	if got := refusal(t, err); got != egress.Metadata {
		t.Fatalf("the second answer: kind %q, want %q", got, egress.Metadata)
	}
	if served.Load() != 1 {
		t.Fatalf("served %d requests, want 1", served.Load())
	}
}

func TestNothingReachesAServerThatIsNotAllowed(t *testing.T) {
	t.Parallel()
	var served atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served.Add(1) }))
	t.Cleanup(srv.Close)
	port := srv.URL[strings.LastIndexByte(srv.URL, ':'):]
	tr := egress.New(egress.Options{AllowHTTP: true})
	for _, host := range []string{
		"127.0.0.1", "[::ffff:127.0.0.1]", "127.1", "0x7f.1", "0", "localhost", "localhost.", "127.0.0.1.", "[64:ff9b::7f00:1]",
	} {
		_, err := get(t, tr, "http://"+host+port)
		if refusal(t, err) == "" {
			t.Errorf("%s was reached", host)
		}
	}
	if served.Load() != 0 {
		t.Fatalf("served %d requests, want none", served.Load())
	}
}

func TestRedirectIsReturnedAndNotFollowed(t *testing.T) {
	t.Parallel()
	var served atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		served.Add(1)
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	t.Cleanup(srv.Close)
	resp, err := get(t, egress.New(egress.Options{AllowHTTP: true, AllowPrivate: true}), srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusTemporaryRedirect || served.Load() != 1 {
		t.Fatalf("status %d after %d requests, want 307 after 1", resp.StatusCode, served.Load())
	}
}

func TestEnvironmentsProxyIsIgnored(t *testing.T) {
	var proxied atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { proxied.Add(1) }))
	t.Cleanup(proxy.Close)
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("HTTPS_PROXY", proxy.URL)
	var asked atomic.Int32
	tr := egress.New(egress.Options{AllowHTTP: true, Resolver: resolver(&asked, "10.0.0.1")})
	_, err := get(t, tr, "http://crm.example/")
	if got := refusal(t, err); got != egress.Private || proxied.Load() != 0 {
		t.Fatalf("kind %q and %d requests by the proxy, want %q and none", got, proxied.Load(), egress.Private)
	}
}

func FuzzCheckURL(f *testing.F) {
	seeds := []string{"https://crm.example/", "https://[::ffff:127.0.0.1]/", "https://127.1/", "https://0x7f.1/", "https://a@b/"}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		strict := egress.CheckURL(raw, egress.Options{})
		open := egress.CheckURL(raw, egress.Options{AllowPrivate: true, AllowHTTP: true})
		if strict == nil && open != nil {
			t.Fatalf("permissions refuse what the guard allows: %v", open)
		}
		for _, err := range []error{strict, open} {
			var r *egress.RefusedError
			if err != nil && !errors.As(err, &r) {
				t.Fatalf("an error without a kind: %v", err)
			}
		}
	})
}
