package egress_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
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
		"loopback octal in one part":                   {"https://017700000001/", egress.Malformed},
		"loopback octal in every part":                 {"https://0177.0.0.01/", egress.Malformed},
		"loopback with leading zeros":                  {"https://127.000.000.001/", egress.Malformed},
		"loopback hexadecimal in every part":           {"https://0x7f.0x0.0x0.0x1/", egress.Malformed},
		"loopback in capital hexadecimal":              {"https://0X7F000001/", egress.Malformed},
		"loopback in three parts":                      {"https://127.0.1/", egress.Malformed},
		"one part too many":                            {"https://127.0.0.0.1/", egress.Malformed},
		"a part too large":                             {"https://127.0.0.256/", egress.Malformed},
		"zero":                                         {"https://0/", egress.Malformed},
		"zero hexadecimal":                             {"https://0x0/", egress.Malformed},
		"a hexadecimal sign without digits":            {"https://127.0.0.0x/", egress.Malformed},
		"an address behind a name's dot":               {"https://a.127.0.0.1/", egress.Malformed},
		"circled digits":                               {"https://①②⑦.0.0.1/", egress.Malformed},
		"ideographic full stops":                       {"https://127。0。0。1/", egress.Malformed},
		"loopback mapped and translated (RFC 2765)":    {"https://[::ffff:0:127.0.0.1]/", egress.Reserved},
		"loopback mapped, capitals, written out":       {"https://[0:0:0:0:0:FFFF:7F00:0001]/", egress.Loopback},
		"private mapped":                               {"https://[::ffff:10.0.0.1]/", egress.Private},
		"shared address space mapped":                  {"https://[::ffff:100.64.0.1]/", egress.Shared},
		"shared address space behind NAT64":            {"https://[64:ff9b::100.64.0.1]/", egress.Shared},
		"unspecified mapped":                           {"https://[::ffff:0.0.0.0]/", egress.Unspecified},
		"unspecified behind NAT64":                     {"https://[64:ff9b::]/", egress.Unspecified},
		"elsewhere in the network of zero":             {"https://0.1.2.3/", egress.Unspecified},
		"outside of the well-known NAT64 prefix":       {"https://[64:ff9b:0:0:0:1:a00:1]/", egress.Reserved},
		"6to4 of loopback":                             {"https://[2002:7f00:1::]/", egress.Tunnel},
		"6to4's relays":                                {"https://192.88.99.1/", egress.Tunnel},
		"the last of the shared address space":         {"https://100.127.255.255/", egress.Shared},
		"just outside of the shared address space":     {"https://100.128.0.0/", ""},
		"just outside of ten":                          {"https://11.0.0.0/", ""},
		"just before link local":                       {"https://169.253.255.255/", ""},
		"the last of the benchmarks' network":          {"https://198.19.255.255/", egress.Reserved},
		"site local":                                   {"https://[fec0::1]/", egress.Private},
		"benchmarks in IPv6":                           {"https://[2001:2::1]/", egress.Reserved},
		"ORCHIDv2":                                     {"https://[2001:20::1]/", egress.Reserved},
		"documentation of RFC 9637":                    {"https://[3fff::1]/", egress.Reserved},
		"segment routing":                              {"https://[5f00::1]/", egress.Reserved},
		"multicast of the whole internet":              {"https://[ff0e::1]/", egress.Multicast},
		"the metadata of containers":                   {"https://169.254.170.2/", egress.Metadata},
		"the metadata of pods":                         {"https://169.254.170.23/", egress.Metadata},
		"the metadata of pods in IPv6":                 {"https://[fd00:ec2::23]/", egress.Metadata},
		"the metadata of Alibaba":                      {"https://100.100.100.200/", egress.Metadata},
		"the metadata of Oracle in IPv6":               {"https://[fd00:c1::a9fe:a9fe]/", egress.Metadata},
		"the wire server of Azure":                     {"https://168.63.129.16/", egress.Metadata},
		"metadata as one number":                       {"https://2852039166/", egress.Malformed},
		"metadata with a trailing dot":                 {"https://169.254.169.254./", egress.Malformed},
		"an empty zone":                                {"https://[::1%25]/", egress.Malformed},
		"a zone behind a public address":               {"https://[2606:4700::1111%25lo]/", egress.Malformed},
		"a future form of address":                     {"https://[v1.fe80::a]/", egress.Malformed},
		"brackets around a name":                       {"https://[crm.example]/", egress.Malformed},
		"brackets around IPv4":                         {"https://[127.0.0.1]/", egress.Malformed},
		"one bracket":                                  {"https://[::1/", egress.Malformed},
		"IPv6 without brackets":                        {"https://::1/", egress.Malformed},
		"two ports":                                    {"https://crm.example:80:443/", egress.Malformed},
		"a port with a sign":                           {"https://crm.example:+443/", egress.Malformed},
		"the right host as a user":                     {"https://crm.example@127.0.0.1/", egress.Userinfo},
		"the right host and port as a user":            {"https://crm.example:443@127.0.0.1/", egress.Userinfo},
		"an empty user":                                {"https://@127.0.0.1/", egress.Userinfo},
		"two users":                                    {"https://a@crm.example@127.0.0.1/", egress.Userinfo},
		"a backslash for the path":                     {`https://127.0.0.1\@crm.example/`, egress.Malformed},
		"a space in the host":                          {"https://127.0.0.1 .crm.example/", egress.Malformed},
		"a line break":                                 {"https://crm.example/\r\nHost: a", egress.Malformed},
		"a zero byte":                                  {"https://127.0.0.1\x00.crm.example/", egress.Malformed},
		"an escaped zero byte":                         {"https://127.0.0.1%00.crm.example/", egress.Malformed},
		"a name in punycode":                           {"https://xn--crm-9oa.example/", ""},
		"a name in another script":                     {"https://crü.example/", egress.Malformed},
		"an opaque URL":                                {"https:127.0.0.1", egress.Malformed},
		"a scheme in capitals":                         {"HTTPS://127.0.0.1/", egress.Loopback},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := egress.CheckURL(c.url, egress.Options{})
			if got := refusal(t, err); got != c.want {
				t.Fatalf("kind %q, want %q (%v)", got, c.want, err)
			}
			if err != nil && (strings.Contains(err.Error(), "crm.example") || strings.Contains(err.Error(), "127")) {
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
		"link local all the same":       {"http://169.254.20.10/", egress.LinkLocal},
		"link local in IPv6":            {"http://[fe80::a9fe:a9fe]/", egress.LinkLocal},
		"the metadata of pods":          {"http://[fd00:ec2::23]/", egress.Metadata},
		"metadata mapped":               {"http://[::ffff:169.254.169.254]/", egress.Metadata},
		"metadata behind NAT64":         {"http://[64:ff9b::169.254.169.254]/", egress.Metadata},
		"a bad notation all the same":   {"http://127.1/", egress.Malformed},
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

func FuzzCheckURL(f *testing.F) {
	for _, s := range []string{"https://crm.example/", "https://[::ffff:127.0.0.1]/", "https://127.1/", "https://0x7f.1/", "https://a@b/"} {
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
