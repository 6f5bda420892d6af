package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// installation is how long npm may take to fetch the libraries.
const installation = 2 * time.Minute

// install makes a folder with the client programs and the libraries they use, as
// the registry has them: package-lock.json holds their exact versions and hashes.
func install(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS("testdata/clients")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), installation)
	defer cancel()
	// No script of a package is run.
	npm := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--fetch-retries=1", "--fetch-retry-mintimeout=1000")
	npm.Dir = folder
	if out, err := npm.CombinedOutput(); err != nil {
		t.Fatalf("the client libraries were not installed: npm ci: %v\nThis test needs node and npm in PATH, and the npm registry.\n%s", err, out)
	}
	return folder
}

// tap stands between two programs and keeps what one of them is told.
type tap struct {
	server *httptest.Server
	mu     sync.Mutex
	target *url.URL
	told   []string
}

// newTap keeps what is sent to its target (requests), or what its target answers.
func newTap(t *testing.T, requests bool) *tap {
	t.Helper()
	p := &tap{}
	way := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			p.mu.Lock()
			defer p.mu.Unlock()
			r.SetURL(p.target)
			// URLs in answers lead through here too.
			r.Out.Host = r.In.Host
		},
		ModifyResponse: func(r *http.Response) (err error) {
			if !requests {
				r.Body, err = p.keep(r.Header, r.Body)
			}
			return err
		},
	}
	p.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var err error
		if requests {
			r.Body, err = p.keep(r.Header, r.Body)
		}
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		way.ServeHTTP(w, r)
	}))
	t.Cleanup(p.server.Close)
	return p
}

func (p *tap) lead(t *testing.T, target string) {
	t.Helper()
	to, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.target = to
}

func (p *tap) keep(header http.Header, body io.ReadCloser) (io.ReadCloser, error) {
	text, err := io.ReadAll(body)
	if err != nil {
		return nil, err
	}
	var head strings.Builder
	_ = header.Write(&head)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.told = append(p.told, head.String()+"\n"+string(text))
	return io.NopCloser(bytes.NewReader(text)), body.Close()
}

func (p *tap) all() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.told...)
}

// line is what a client program says of one step: On which message, what it was, and
// what came of it. Its first line has the Port only.
type line struct {
	On, Step   string
	OK         bool
	Detail, ID string
	Port       int
}

// program is a running client program.
type program struct {
	lines  chan line
	stderr bytes.Buffer
	url    string
}

// startClient runs crm.mjs, and waits until it listens. It ends with the test.
func startClient(t *testing.T, folder string, environment ...string) *program {
	t.Helper()
	p := &program{lines: make(chan line, 1000)}
	node := exec.Command("node", filepath.Join(folder, "crm.mjs"))
	node.Dir, node.Env, node.Stderr = folder, append(node.Environ(), environment...), &p.stderr
	stdin, err := node.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Start(); err != nil {
		t.Fatalf("node: %v", err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer close(p.lines)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			var l line
			if json.Unmarshal(lines.Bytes(), &l) == nil {
				p.lines <- l
			}
		}
		_ = node.Wait()
	}()
	t.Cleanup(func() {
		_ = stdin.Close()
		select {
		case <-ended:
		case <-time.After(patience):
			_ = node.Process.Kill()
			<-ended
			t.Errorf("the client program did not end within %s", patience)
		}
		if t.Failed() {
			t.Logf("the client program's stderr:\n%s", &p.stderr)
		}
	})
	p.url = fmt.Sprintf("http://127.0.0.1:%d", p.next(t).Port)
	return p
}

// next waits for the next line.
func (p *program) next(t *testing.T) line {
	t.Helper()
	select {
	case l, ok := <-p.lines:
		if !ok {
			t.Fatalf("the client program ended:\n%s", &p.stderr)
		}
		return l
	case <-time.After(patience):
		t.Fatalf("the client program says nothing for %s", patience)
	}
	return line{}
}

// until returns the lines up to one that is the last.
func (p *program) until(t *testing.T, last func(line) bool) []line {
	t.Helper()
	var all []line
	for {
		l := p.next(t)
		all = append(all, l)
		if last(l) {
			return all
		}
	}
}
