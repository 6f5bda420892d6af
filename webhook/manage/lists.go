package manage

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"bauta/masking/sharing"
)

// headOf is the head of a ledger as callers read it.
type headOf struct {
	Seq    int64  `json:"seq"`
	Hash   string `json:"hash"`
	Signed string `json:"signed"`
}

// head answers GET /v1/consents/head.
func (h *Handler) head(ctx context.Context, r *request) (*outcome, error) {
	head, err := h.Consents.Head(ctx, r.of)
	if err != nil {
		return nil, h.refused(ctx, r, err)
	}
	return answered(http.StatusOK, headOf(head))
}

// consents answers GET /v1/consents: a page of lines, and the head, which is never
// older than they are.
func (h *Handler) consents(ctx context.Context, r *request) (*outcome, error) {
	var after int64
	if r.page.after != "" {
		var err error
		if after, err = strconv.ParseInt(r.page.after, 10, 64); err != nil || after < 1 {
			return nil, fail(problemCursor)
		}
	}
	// One more than asked for tells whether there is another page.
	lines, err := h.Consents.Page(ctx, r.of, after, r.page.limit+1)
	var head sharing.Head
	if err == nil {
		head, err = h.Consents.Head(ctx, r.of)
	}
	if err != nil {
		return nil, h.refused(ctx, r, err)
	}
	next := ""
	if len(lines) > r.page.limit {
		lines = lines[:r.page.limit]
		next = strconv.FormatInt(lines[len(lines)-1].Seq, 10)
	}
	return pageOfLines(lines, r.next(next), head)
}

// pageOfLines writes lines byte for byte: what is hashed must not be changed, as
// package json would.
func pageOfLines(lines []Line, next *string, head sharing.Head) (*outcome, error) {
	rest, err := json.Marshal(struct {
		Next *string `json:"next"`
		Head headOf  `json:"head"`
	}{next, headOf(head)})
	if err != nil {
		return nil, fmt.Errorf("write a page: %w", err)
	}
	var b bytes.Buffer
	b.WriteString(`{"lines":[`)
	for i, line := range lines {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
		b.Write(line.Raw)
	}
	b.WriteString("\n],")
	b.Write(rest[1:])
	b.WriteByte('\n')
	return &outcome{status: http.StatusOK, kind: typeJSON, body: b.Bytes(), name: outcomeOK}, nil
}

// reversal is a Reversal as callers read it.
type reversal struct {
	At     time.Time `json:"at"`
	Handle string    `json:"handle"`
	By     string    `json:"by"`
	For    string    `json:"for"`
}

// audit answers GET /v1/audit.
func (h *Handler) audit(ctx context.Context, r *request) (*outcome, error) {
	found, err := h.Audit.Page(ctx, r.of, r.page.after, r.page.limit+1)
	switch {
	case errors.Is(err, ErrCursor):
		return nil, fail(problemCursor)
	case err != nil:
		return nil, h.refused(ctx, r, err)
	}
	next := ""
	if len(found) > r.page.limit {
		found = found[:r.page.limit]
		next = found[len(found)-1].Cursor
	}
	listed := make([]reversal, len(found))
	for i, f := range found {
		listed[i] = reversal{At: f.At.UTC(), Handle: f.Handle, By: f.By, For: f.For}
	}
	return answered(http.StatusOK, struct {
		Reversals []reversal `json:"reversals"`
		Next      *string    `json:"next"`
	}{listed, r.next(next)})
}
