package app

import (
	"context"
	"fmt"
	"net"
	"net/http"

	"github.com/labstack/echo/v4"

	tokenstore "bauta/redis/tokens"
	"bauta/webhook/access"
	"bauta/webhook/console"
	"bauta/webhook/receive"
)

// serveConsole adds the console to the admin listener. Checks are those of /readyz.
func (n *node) serveConsole(admin *echo.Echo, checks []receive.Check) error {
	k := n.core
	c, err := console.New(console.Options{
		Desk: n.desk, Tokens: k.tokens, Brake: n.limiter(), Health: state{n, checks}, Logger: k.logger,
		Sessions: access.NewSessions(access.Options{Keys: k.keys, Registry: tokenstore.New(k.store)}), Hosts: named(k.config().AdminListen),
	})
	if err != nil {
		return fmt.Errorf("build the console: %w", err)
	}
	n.console = c
	serve := echo.WrapHandler(c)
	admin.Any(console.Base+"*", serve)
	admin.RouteNotFound(console.Base+"*", serve)
	toConsole := func(c echo.Context) error { return c.Redirect(http.StatusSeeOther, console.Base) }
	admin.GET("/console", toConsole)
	admin.GET("/", toConsole)
	return nil
}

// named is the host of an address if it is a name: under that, too, the console may be
// asked for.
func named(address string) []string {
	host, _, err := net.SplitHostPort(address)
	if err != nil || host == "" || net.ParseIP(host) != nil {
		return nil
	}
	return []string{host}
}

// state is what /readyz on the admin listener says.
type state struct {
	node   *node
	checks []receive.Check
}

// Ready implements console.Health. What is no Problem may hold an address: the log has it.
func (s state) Ready(ctx context.Context) error {
	for _, check := range s.checks {
		switch err := check.Ready(ctx).(type) { //nolint:errorlint // only these themselves may be shown
		case nil:
		case receive.Problem, receive.Dead:
			return fmt.Errorf("%s: %w", check.Name, err)
		default:
			return receive.Problem(check.Name + ": see the log")
		}
	}
	return nil
}

// Warnings implements console.Health.
func (s state) Warnings() []string { return s.node.warnings() }

// loginLink logs in to the console with a token. It stands behind the #: no server, log or
// Referer sees it.
func loginLink(address, token string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return ""
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port) + console.Base + "login#" + token
}
