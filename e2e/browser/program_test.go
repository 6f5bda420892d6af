package browser_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"
)

// built builds the program as make build does, and returns where it is.
func built(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "bauta")
	command := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-o", program, "./cmd/bauta")
	command.Dir = filepath.Join("..", "..")
	command.Env = append(command.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return program
}

// axeCore is the script that finds what shuts people out, as the npm registry has it.
func axeCore(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS("testdata")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	npm := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--fetch-retries=1", "--fetch-retry-mintimeout=1000")
	npm.Dir = folder
	if out, err := npm.CombinedOutput(); err != nil {
		t.Fatalf("axe-core was not installed: npm ci: %v\nThis test needs node and npm in PATH, and the npm registry.\n%s", err, out)
	}
	script, err := os.ReadFile(filepath.Join(folder, "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	return string(script)
}

// demo starts the playground, and returns its address.
func demo(t *testing.T, program string, args ...string) string {
	t.Helper()
	address, _ := demoThatEnds(t, program, args...)
	return address
}

// demoThatEnds is demo, and what ends it before the test does.
func demoThatEnds(t *testing.T, program string, args ...string) (address string, end func()) {
	t.Helper()
	command := exec.CommandContext(context.WithoutCancel(t.Context()), program, append([]string{"demo", "--listen", "127.0.0.1:0", "--open=false"}, args...)...)
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	end = sync.OnceFunc(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		if err := command.Wait(); err != nil {
			t.Errorf("the demo ended with %v", err)
		}
	})
	t.Cleanup(end)
	line, err := bufio.NewReader(out).ReadString('\n')
	address = regexp.MustCompile(`http://127\.0\.0\.1:\d+/`).FindString(line)
	if err != nil || address == "" {
		t.Fatalf("the demo said %q: %v", line, err)
	}
	return address, end
}
