package reply_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"bauta/webhook"
	"bauta/webhook/outbound"
	"bauta/webhook/reply"
)

// spy keeps what it was asked to translate.
type spy struct {
	*outbound.Translator
	calls chan outbound.Call
}

func (s spy) Out(ctx context.Context, c outbound.Call) (*outbound.Outgoing, error) {
	s.calls <- c
	return s.Translator.Out(ctx, c)
}

// Pages and media lead to where the business reached Bauta; only trusted proxies
// may say where that was.
func TestWhereTheBusinessReachedBauta(t *testing.T) {
	t.Parallel()
	loopback := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	forwarded := map[string]string{"X-Forwarded-Proto": "https", "X-Forwarded-Host": "bauta.example"}
	for name, row := range map[string]struct {
		public  string
		trusted []netip.Prefix
		header  map[string]string
		path    string
		want    string // "" is the server's own address
		after   string
	}{
		"as configured":                       {"https://public.example/", loopback, forwarded, "/v24.0/", "https://public.example", "/v24.0"},
		"as a trusted proxy says":             {"", loopback, forwarded, "/v25.0/", "https://bauta.example", "/v25.0"},
		"as the request says, not a stranger": {"", nil, forwarded, "/v25.0/", "", "/v25.0"},
		"without a version":                   {"", nil, nil, "/", "", ""},
		"not where a header breaks out":       {"", loopback, map[string]string{"X-Forwarded-Host": `x"/evil`, "X-Forwarded-Proto": "javascript"}, "/", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := make(chan outbound.Call, 1)
			r := newRig(t, func(s *settings) {
				s.options.PublicURL, s.options.TrustedProxies = row.public, row.trusted
				s.wrap = func(real *outbound.Translator) reply.Translator { return spy{real, calls} }
			})
			r.do(t, call{method: http.MethodGet, path: row.path + phone + "/block_users", header: row.header})
			want := row.want
			if want == "" {
				want = r.url
			}
			got := <-calls
			if got.Base != want+row.after || got.Object != phone || got.Group != webhook.Direct {
				t.Errorf("%q, want %q", got.Base, want+row.after)
			}
		})
	}
}

// pipes is a listener of one connection that lives in a bubble.
type pipes struct{ one chan net.Conn }

func (p pipes) Accept() (net.Conn, error) {
	c, ok := <-p.one
	if !ok {
		return nil, io.EOF
	}
	return c, nil
}
func (pipes) Close() error   { return nil }
func (pipes) Addr() net.Addr { return &net.TCPAddr{} }

// A body that does not come in ends after its time, with an answer.
func TestABodyIsNotWaitedForForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := quiet(t, refuser{why: outbound.ErrRawRecipient}, deaf{})
		server := &http.Server{Handler: h, ReadHeaderTimeout: time.Second}
		here, there := net.Pipe()
		listener := pipes{make(chan net.Conn, 1)}
		listener.one <- there
		go func() { _ = server.Serve(listener) }()
		begun := time.Now()
		go func() {
			_, _ = io.WriteString(here, "POST "+messages()+" HTTP/1.1\r\nHost: bauta\r\nAuthorization: Bearer "+token+
				"\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
		}()
		response, err := http.ReadResponse(bufio.NewReader(here), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		if took := time.Since(begun); response.StatusCode != 400 || response.Header.Get("Bauta-Error") != "bad_body" || took != 10*time.Second {
			t.Errorf("%d %s after %v", response.StatusCode, response.Header.Get("Bauta-Error"), took)
		}
		_ = here.Close()
		close(listener.one)
		_ = server.Close()
	})
}
