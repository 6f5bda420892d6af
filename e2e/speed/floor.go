package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	goredis "github.com/redis/go-redis/v9"
)

// floorReceive serves the least that can be called a receiver: it reads a body, checks
// its signature, and stores it in one round trip, once (SET NX) and behind the
// others (RPUSH). Its argument is the address of Redis; it prints its own.
func floorReceive(ctx context.Context, args []string, _ io.Writer) error {
	if len(args) != 1 {
		return errors.New("floor-receive takes the address of Redis")
	}
	client := goredis.NewClient(&goredis.Options{Addr: args[0], Protocol: 2, DisableIdentity: true, PoolSize: 64})
	defer func() { _ = client.Close() }()
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.POST("/webhooks/main", func(c echo.Context) error { //nolint:contextcheck // a request has its own
		body, err := io.ReadAll(c.Request().Body)
		if err != nil {
			return echo.ErrBadRequest
		}
		mac := hmac.New(sha256.New, []byte(appSecret))
		mac.Write(body)
		if !hmac.Equal([]byte("sha256="+hex.EncodeToString(mac.Sum(nil))), []byte(c.Request().Header.Get("X-Hub-Signature-256"))) {
			return echo.ErrUnauthorized
		}
		id := sha256.Sum256(body)
		_, err = client.Pipelined(c.Request().Context(), func(p goredis.Pipeliner) error {
			p.SetNX(c.Request().Context(), "seen:"+string(id[:16]), 1, time.Hour)
			p.RPush(c.Request().Context(), "queue:"+strconv.Itoa(int(id[0])), body)
			return nil
		})
		if err != nil {
			return echo.ErrServiceUnavailable
		}
		return c.NoContent(http.StatusOK)
	})
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	e.Listener = l
	fmt.Fprintln(os.Stderr, l.Addr())
	go func() {
		<-ctx.Done()
		_ = e.Close()
	}()
	if err := e.Start(""); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// floorDeliver posts a body to a URL so many times over so many connections, and says
// so when it is through; then it waits for its end, so that its CPU time can be read.
func floorDeliver(ctx context.Context, args []string) error {
	if len(args) != 4 {
		return errors.New("floor-deliver takes a URL, a file with a body, a count and a number of connections")
	}
	body, err := os.ReadFile(args[1]) //nolint:gosec // the parent names the file
	if err != nil {
		return err
	}
	count, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	connections, err := strconv.Atoi(args[3])
	if err != nil {
		return err
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections, DisableCompression: true}}
	var all sync.WaitGroup
	failed := make(chan error, connections)
	for range connections {
		all.Go(func() {
			for range count / connections {
				if err := post(ctx, client, args[0], body, ""); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	all.Wait()
	select {
	case err := <-failed:
		return err
	default:
	}
	fmt.Fprintln(os.Stderr, "through")
	<-ctx.Done()
	return nil
}

// post sends a body and wants 200.
func post(ctx context.Context, client *http.Client, url string, body []byte, signature string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body)) //nolint:gosec // the measurement names the URL
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	if signature != "" {
		request.Header.Set("X-Hub-Signature-256", signature)
	}
	answer, err := client.Do(request) //nolint:gosec // as above
	if err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %d", url, answer.StatusCode)
	}
	return nil
}
