package redis

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"
)

// TLS names PEM files for rediss. The zero value trusts what the system trusts and shows
// no certificate.
type TLS struct {
	// CA signed the servers' certificates.
	CA string
	// Cert and Key are shown to servers that ask. They are read with every connection,
	// so that they can be renewed.
	Cert, Key string
}

// onto sets what the files say; base is nil without TLS.
func (f TLS) onto(base *tls.Config) error {
	if f == (TLS{}) {
		return nil
	}
	if base == nil {
		return fmt.Errorf("%w: redis.tls is set, and redis.url is without TLS: write rediss:// (rediss+sentinel, rediss+cluster)", ErrMisconfigured)
	}
	if f.CA != "" {
		chain, err := os.ReadFile(f.CA)
		if err != nil {
			return fmt.Errorf("%w: redis.tls.ca cannot be read (check the path): %w", ErrMisconfigured, err)
		}
		base.RootCAs = x509.NewCertPool()
		if !base.RootCAs.AppendCertsFromPEM(chain) {
			return fmt.Errorf("%w: redis.tls.ca holds no certificate: it must be a PEM file", ErrMisconfigured)
		}
	}
	if f.Cert == "" && f.Key == "" {
		return nil
	}
	own := func() (*tls.Certificate, error) {
		pair, err := tls.LoadX509KeyPair(f.Cert, f.Key)
		return &pair, err
	}
	if _, err := own(); err != nil {
		return fmt.Errorf("%w: redis.tls.cert and redis.tls.key cannot be used (check both files and that they belong together): %w", ErrMisconfigured, err)
	}
	base.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return own() }
	return nil
}

// untrusted tells why the two sides do not trust each other, and what to do; "" for any
// other error.
func untrusted(err error) string {
	if name, ok := errors.AsType[x509.HostnameError](err); ok {
		return fmt.Sprintf("the server's certificate is not for %s: write a name in redis.url that it has, or issue it for this one", name.Host)
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "the server's certificate is signed by an authority that is not known here: set redis.tls.ca to the file of its CA"
	}
	if bad, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		if bad.Reason == x509.Expired && bad.Cert != nil {
			return fmt.Sprintf("the server's certificate, or that of its CA, is valid from %s to %s only: renew it, or set this machine's clock",
				bad.Cert.NotBefore.UTC().Format(time.DateOnly), bad.Cert.NotAfter.UTC().Format(time.DateOnly))
		}
		return "the server's certificate, or that of its CA, may not be used for a server: issue another one"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "the server's certificate cannot be verified: check it, and redis.tls.ca"
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return "the server does not speak TLS at this port: write redis:// instead of rediss://, or its TLS port"
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "remote error" {
		return fmt.Sprintf("the server refuses the connection (%v): set redis.tls.cert and redis.tls.key to a certificate that it trusts", op.Err)
	}
	return ""
}

// hint says of a server that cannot be reached what about TLS may be the reason. One that
// breaks the connection off does not say itself.
func (o Options) hint(err error) string {
	switch {
	case !errors.Is(err, ErrSilent) || strings.Contains(err.Error(), "connection refused"):
		return ""
	case strings.HasPrefix(o.URL, "rediss"):
		return " (does it speak TLS at this port, and trust redis.tls.cert?)"
	}
	return " (does it want TLS? Then write rediss://)"
}
