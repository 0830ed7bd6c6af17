import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// For these tests only, valid for a hundred years: an authority, and a certificate of it for localhost and 127.0.0.1
// that serves as the server's and as a client's. Made with openssl, which machines that run tests may not have.
const authority = `-----BEGIN CERTIFICATE-----
MIIBlDCCATugAwIBAgIUVm87dV0Q/JA1DcP1gS37XAVfW8UwCgYIKoZIzj0EAwIw
HzEdMBsGA1UEAwwUcGlwaXQgdGVzdCBhdXRob3JpdHkwIBcNMjYxMTIxMDUzMDQ1
WhgPMjEyNjEwMjgwNTMwNDVaMB8xHTAbBgNVBAMMFHBpcGl0IHRlc3QgYXV0aG9y
aXR5MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAERyNdMlWwXca0aOfaLcXAv2qF
vFCCRC2xK/STfvuqtZTKf2VGzhKgJgqRyZz+fRV54XismNLRt+3vzBj4rgljLqNT
MFEwHQYDVR0OBBYEFJ/AONPeqVWVHjwm1KGjxU8Dq/3bMB8GA1UdIwQYMBaAFJ/A
ONPeqVWVHjwm1KGjxU8Dq/3bMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwID
RwAwRAIgIBimY937t6oGcgTqjYYomwY0uG4ZuubveIEPstgpyfkCIDPYWhJnM0nY
DHCCSSPieYUyFlbo2OZ3ArBmd0Ipp19z
-----END CERTIFICATE-----
`;

const certificate = `-----BEGIN CERTIFICATE-----
MIIBkjCCATigAwIBAgIUZYs4akXjj6jfX+W+GffENlIyOjkwCgYIKoZIzj0EAwIw
HzEdMBsGA1UEAwwUcGlwaXQgdGVzdCBhdXRob3JpdHkwIBcNMjYxMTIxMDUzMDQ1
WhgPMjEyNjEwMjgwNTMwNDVaMBExDzANBgNVBAMMBnNlcnZlcjBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABKH4lNNCu9tEVn9yIiUD+tk2LyFHOFJkZuFsCevDpUx6
BYzG43WydLfnboK+AbEREYrzkEWWtnwoA/mzdyBehEKjXjBcMBoGA1UdEQQTMBGC
CWxvY2FsaG9zdIcEfwAAATAdBgNVHQ4EFgQUJO4HDIqiIT32WfiyTAuNP1m2rR4w
HwYDVR0jBBgwFoAUn8A4096pVZUePCbUoaPFTwOr/dswCgYIKoZIzj0EAwIDSAAw
RQIgHfjysh6kvKnoZtH69YmrMNz0LjnQyHxyb2nwWgHqZv8CIQDQRVs9hDSrnAXt
NnK9Bx32YW5KdjkYznQxVhjzCZ39cQ==
-----END CERTIFICATE-----
`;

const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjP3GoZq5cJ3ZUfbg
gvK8p5GRNoo0gmI127VJECjyHBWhRANCAASh+JTTQrvbRFZ/ciIlA/rZNi8hRzhS
ZGbhbAnrw6VMegWMxuN1snS3526CvgGxERGK85BFlrZ8KAP5s3cgXoRC
-----END PRIVATE KEY-----
`;

/** Writes them to files, as servers and clients take them. */
export function tlsFiles() {
  const folder = mkdtempSync(join(tmpdir(), 'pipit-tls-'));
  const write = (name: string, content: string) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  return { ca: write('ca.pem', authority), cert: write('cert.pem', certificate), key: write('key.pem', key) };
}
