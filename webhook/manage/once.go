package manage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"bauta/webhook"
)

const (
	headerKey = "Idempotency-Key"
	// headerReplayed marks an answer that was given before.
	headerReplayed = "Idempotency-Replayed"
	// mostKey is the longest Idempotency-Key, in bytes.
	mostKey = 255
	// keySpace keeps keys apart from those of the platform's API (package reply), of
	// which none has a space.
	keySpace = "manage "
	// writeTimeout bounds what is done once nobody may interrupt it, and is below the
	// server's time for an answer.
	writeTimeout = 50 * time.Second
	// settleTimeout bounds the keeping of an outcome.
	settleTimeout = 5 * time.Second
	// pendingWait is how long a caller waits for another that makes the same call.
	pendingWait = 5 * time.Second
)

// keyOf reads the Idempotency-Key: "" without one.
func keyOf(header http.Header) (string, error) {
	values := header.Values(headerKey)
	if len(values) == 0 {
		return "", nil
	}
	if len(values) > 1 || values[0] == "" || len(values[0]) > mostKey {
		return "", fail(problemKey)
	}
	for _, b := range []byte(values[0]) {
		if b <= ' ' || b > '~' {
			return "", fail(problemKey)
		}
	}
	return values[0], nil
}

// doing is what a call changes.
type doing func(ctx context.Context) (*outcome, error)

// write looks up whom the path names and does what is to be done with them, as once.
func (h *Handler) write(ctx context.Context, r *request, do func(ctx context.Context, key string) (*outcome, error)) (*outcome, error) {
	named, ok := h.Handles.Parse(r.named["handle"])
	whom := named.Key
	if whom == "" {
		whom = "no handle " + r.named["handle"]
	}
	return h.once(ctx, r, []string{whom}, func(ctx context.Context) (*outcome, error) {
		if !ok {
			return nil, webhook.ErrUnknownHandle
		}
		return do(ctx, named.Key)
	})
}

// once does what is to be done, to its end even if the caller hangs up meanwhile. Under an
// Idempotency-Key its outcome is kept, and answered again to the same call: the same route
// about the same (what).
func (h *Handler) once(ctx context.Context, r *request, what []string, do doing) (*outcome, error) {
	if ctx.Err() != nil {
		return nil, errGone
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer cancel()
	if r.key == "" {
		return h.done(ctx, r, do)
	}
	claim, saved, err := h.Once.Begin(ctx, r.grant.Business, keySpace+r.key, r.fingerprint(what))
	switch {
	case errors.Is(err, webhook.ErrOtherCall):
		return nil, fail(problemKeyReused)
	case err != nil:
		return nil, h.refused(ctx, r, err)
	case claim == "":
		return replayed(saved)
	}
	out, err := h.done(ctx, r, do)
	h.settle(ctx, r, claim, out)
	return out, err
}

func (h *Handler) done(ctx context.Context, r *request, do doing) (*outcome, error) {
	out, err := do(ctx)
	if err != nil {
		return nil, h.refused(ctx, r, err)
	}
	return out, nil
}

// settle keeps an outcome, or frees the key of a call that failed: all that is
// written can be repeated, and what a failed call left half done is ended then. A
// panic leaves the claim: nobody knows what it was.
func (h *Handler) settle(ctx context.Context, r *request, claim string, out *outcome) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	var err error
	if out != nil {
		err = h.Once.Finish(ctx, r.grant.Business, keySpace+r.key, claim, webhook.Kept{Outcome: keep(out)})
	} else {
		err = h.Once.Release(ctx, r.grant.Business, keySpace+r.key, claim)
	}
	if err != nil {
		h.Logger.WarnContext(ctx, "what became of a call under an Idempotency-Key could not be kept", "trace", r.trace, "business", r.of,
			"route", r.name(), "error", err)
	}
}

// keptOutcome is what is kept: one line of JSON, in front of the body.
type keptOutcome struct {
	Status int `json:"status"`
}

func keep(out *outcome) []byte {
	head, _ := json.Marshal(keptOutcome{out.status}) // a number
	return append(append(head, '\n'), out.body...)
}

// replayed is the outcome that was kept. Without one nobody knows it: the call is
// under way, or its node crashed.
func replayed(saved []byte) (*outcome, error) {
	head, body, ok := bytes.Cut(saved, []byte{'\n'})
	var kept keptOutcome
	if !ok || json.Unmarshal(head, &kept) != nil || kept.Status < http.StatusOK || kept.Status > 599 {
		return nil, fail(problemKeyPending).wait(pendingWait)
	}
	return &outcome{
		status: kept.Status, kind: typeJSON, header: http.Header{headerReplayed: {"true"}}, body: body, name: outcomeOK,
	}, nil
}

// fingerprint tells calls under one key apart: by what is done, and to what. A customer is
// told by their key, in whichever shape the handle came.
func (r *request) fingerprint(what []string) [32]byte {
	sum := sha256.New()
	for _, part := range append([]string{r.route.name}, what...) {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		_, _ = sum.Write(length[:])
		_, _ = sum.Write([]byte(part))
	}
	return [32]byte(sum.Sum(nil))
}
