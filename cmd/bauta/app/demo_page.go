package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"bauta/webhook/playground"
)

// demoListen is where the playground is unless somebody says otherwise, and how many ports
// are tried then.
const (
	demoListen = "127.0.0.1:8080"
	demoPorts  = 20
)

// playgroundOf are the flags of the playground.
type playgroundOf struct {
	listen string
	// given: somebody chose the address; no other will do.
	given bool
	open  bool
	shape string
}

// runPlayground shows the page until ctx ends.
func runPlayground(ctx context.Context, std Std, o playgroundOf) (err error) {
	listener, err := listenNear(ctx, o.listen, !o.given)
	if err != nil {
		return err
	}
	stage := newTheatre(std)
	defer stage.close()
	logger := slog.New(slog.NewTextHandler(std.Err, &slog.HandlerOptions{Level: slog.LevelError}))
	show, err := playground.NewShow(ctx, playground.Options{Starter: stage, Scene: theatreScene(), Shape: o.shape, Logger: logger})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { err = errors.Join(err, show.Close()) }()
	page := playground.NewPage(show)
	running, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan struct{})
	go func() { defer close(done); page.Run(running) }()
	server := &http.Server{Handler: page, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	url, warning := whereOf(listener.Addr())
	if warning != "" {
		_, _ = fmt.Fprintln(std.Err, "warning: "+warning)
	}
	_, _ = fmt.Fprintf(std.Out, "The playground is at %s\nA customer's phone, Meta, a real Bauta and a business, all in this process; nothing leaves this machine. Ctrl-C ends it.\n", url)
	if o.open && desktop(std) {
		openBrowser(ctx, url)
	}
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	cancel()
	<-done
	ending, stop := context.WithTimeout(context.WithoutCancel(ctx), stepTimeout)
	defer stop()
	return errors.Join(err, server.Shutdown(ending))
}

// whereOf is the page's URL on this machine, and a warning where others can open it too.
func whereOf(listening net.Addr) (url, warning string) {
	address, err := netip.ParseAddrPort(listening.String())
	if err != nil {
		return "http://" + listening.String() + "/", ""
	}
	if address.Addr().Unmap().IsLoopback() {
		return "http://" + address.String() + "/", ""
	}
	if address.Addr().IsUnspecified() {
		address = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), address.Port())
	}
	return "http://" + address.String() + "/", "whoever reaches this machine can open the page and act on it: it has no login. " +
		"Everything on it is made up. For yourself alone leave --listen out, or begin it with 127.0.0.1"
}

// listenNear listens at an address, or, where it may, at the next port that is free.
func listenNear(ctx context.Context, address string, near bool) (net.Listener, error) {
	host, port, err := net.SplitHostPort(address)
	first, portErr := strconv.Atoi(port)
	if err != nil || portErr != nil {
		return nil, usageError{fmt.Errorf("--listen: %q is no address: write it such as %s", address, demoListen)}
	}
	for next := first; ; next++ {
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(next)))
		switch {
		case err == nil:
			return listener, nil
		case !errors.Is(err, syscall.EADDRINUSE):
			return nil, fmt.Errorf("the playground cannot listen at %s: %w", address, err)
		case !near || next-first == demoPorts:
			return nil, fmt.Errorf("the playground cannot listen at %s, another program does: end that one, or choose another port with --listen 127.0.0.1:0", address)
		}
	}
}

// desktop tells whether a browser can be opened.
func desktop(std Std) bool {
	if runtime.GOOS != "linux" {
		return bool(newPainter(std))
	}
	for _, name := range []string{"DISPLAY", "WAYLAND_DISPLAY"} {
		if value, set := std.Env(name); set && value != "" {
			return true
		}
	}
	return false
}

// openBrowser asks the desktop to. Where it cannot, the address was printed.
func openBrowser(ctx context.Context, url string) {
	program := []string{"xdg-open", url}
	switch runtime.GOOS {
	case "darwin":
		program = []string{"open", url}
	case "windows":
		program = []string{"rundll32", "url.dll,FileProtocolHandler", url}
	}
	command := exec.CommandContext(context.WithoutCancel(ctx), program[0], program[1:]...) //nolint:gosec // our own address
	if command.Start() == nil {
		go func() { _ = command.Wait() }()
	}
}
