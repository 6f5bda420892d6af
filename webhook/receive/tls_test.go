package receive_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bauta/webhook/receive"
)

// platformCN is the platform's (platform/webhooks.md 1.3).
const platformCN = "client.webhooks.fbclientcerts.com"

// authority is a CA that lives as long as its test.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	a := authority{}
	der, key := issue(t, a, "test CA")
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return authority{cert: cert, key: key}
}

// issue makes a certificate; of an empty authority, one that signs itself.
func issue(t *testing.T, by authority, name string) ([]byte, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	parent, signer := by.cert, by.key
	if parent == nil {
		template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	return der, key
}

func writePEM(t *testing.T, dir, name, kind string, der []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// files are a server's certificate and key, and the CA of its clients.
func files(t *testing.T, ca authority) receive.TLSFiles {
	t.Helper()
	dir := t.TempDir()
	der, key := issue(t, ca, "bauta")
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return receive.TLSFiles{
		Cert:     writePEM(t, dir, "cert.pem", "CERTIFICATE", der),
		Key:      writePEM(t, dir, "key.pem", "PRIVATE KEY", keyDER),
		ClientCA: writePEM(t, dir, "ca.pem", "CERTIFICATE", ca.cert.Raw),
	}
}

func TestOnlyThePlatformsCertificateMaySendWebhooks(t *testing.T) {
	t.Parallel()
	ca, stranger := newAuthority(t), newAuthority(t)
	secure, err := receive.TLSConfig(files(t, ca))
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, stored, func(o *receive.Options) { o.ClientCN = platformCN })
	address, _ := listen(t, b, secure)
	roots := x509.NewCertPool()
	roots.AddCert(ca.cert)
	for name, row := range map[string]struct {
		by     authority
		cn     string
		status int
	}{
		"the platform's name":           {ca, platformCN, http.StatusOK},
		"a name that begins like it":    {ca, platformCN + ".evil.example", http.StatusForbidden},
		"a name that ends like it":      {ca, "x" + platformCN, http.StatusForbidden},
		"a name that a pattern matches": {ca, "client-webhooks.fbclientcerts.com", http.StatusForbidden},
		"the name in capitals":          {ca, strings.ToUpper(platformCN), http.StatusForbidden},
		"the name from another CA":      {stranger, platformCN, 0},
		"no certificate":                {authority{}, "", http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := &tls.Config{RootCAs: roots, ServerName: "localhost", MinVersion: tls.VersionTLS12}
			if row.by.cert != nil {
				der, key := issue(t, row.by, row.cn)
				// Sent even where the server does not name the CA.
				config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
					return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
				}
			}
			client := &http.Client{Transport: &http.Transport{TLSClientConfig: config}}
			defer client.CloseIdleConnections()
			if row.status != 0 {
				if got := send(t.Context(), t, client, "https://"+address, []byte("{}")); got != row.status {
					t.Errorf("status %d, want %d", got, row.status)
				}
				return
			}
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+address+"/webhooks/main", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			if answer, err := client.Do(request); err == nil {
				_ = answer.Body.Close()
				t.Errorf("the connection was accepted: %d", answer.StatusCode)
			}
		})
	}
}

func TestWithoutTLSAClientNameIsNeverProven(t *testing.T) {
	t.Parallel()
	b := newBench(t, stored, func(o *receive.Options) { o.ClientCN = platformCN })
	request := signed([]byte("{}"))
	request.Header.Set("X-Amzn-Mtls-Clientcert-Subject", "CN="+platformCN)
	if answer := b.serve(request); answer.Code != http.StatusForbidden || b.count(t, "main", "wrong_certificate") != 1 {
		t.Errorf("status %d", answer.Code)
	}
}

func TestBadTLSFilesAreNamed(t *testing.T) {
	t.Parallel()
	good := files(t, newAuthority(t))
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for want, f := range map[string]receive.TLSFiles{
		"tls.cert and tls.key cannot be used": {Cert: empty, Key: good.Key},
		"tls.client_ca cannot be read":        {Cert: good.Cert, Key: good.Key, ClientCA: empty + "x"},
		"tls.client_ca holds no certificate":  {Cert: good.Cert, Key: good.Key, ClientCA: empty},
	} {
		if _, err := receive.TLSConfig(f); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
