/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * What is in a certificate, and whether it and what it has signed are good: with mbedTLS. Keys are
 * made by PSA. Only the connect thread is here.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <mbedtls/asn1.h>
#include <mbedtls/base64.h>
#include <mbedtls/md.h>
#include <mbedtls/pk.h>
#include <mbedtls/rsa.h>
#include <mbedtls/sha256.h>
#include <mbedtls/x509_crt.h>
#include <mbedtls/x509_csr.h>
#include <psa/crypto.h>
#include <zephyr/net/tls_credentials.h>
#include <zephyr/random/random.h>
#include <zephyr/sys/util.h>

#include "port.h"

#define HASH 32
/* Bytes of the longest signature: RSA with 4096 bits. */
#define LONGEST_SIGNATURE 512

/* A private key on P-256 (RFC 5915), without its public key, around its 32 bytes. */
static const uint8_t key_head[] = {0x30, 0x31, 0x02, 0x01, 0x01, 0x04, 0x20};
static const uint8_t key_tail[] = {0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86,
				   0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};

/* In the place of a key. */
static const uint8_t no_key[OCPP_PORT_KEY];

BUILD_ASSERT(sizeof(key_head) + OCPP_PORT_KEY + sizeof(key_tail) == OCPP_PORT_KEY_DER);

static int random_bytes(void *context, unsigned char *into, size_t length)
{
	ARG_UNUSED(context);

	return sys_csrand_get(into, length) == 0 ? 0 : MBEDTLS_ERR_PK_ALLOC_FAILED;
}

static void write_der(const uint8_t *key, uint8_t *der)
{
	memcpy(der, key_head, sizeof(key_head));
	memcpy(&der[sizeof(key_head)], key, OCPP_PORT_KEY);
	memcpy(&der[sizeof(key_head) + OCPP_PORT_KEY], key_tail, sizeof(key_tail));
}

static int parse_key(mbedtls_pk_context *pk, const uint8_t *key)
{
	uint8_t der[OCPP_PORT_KEY_DER];
	int ret;

	write_der(key, der);
	ret = mbedtls_pk_parse_key(pk, der, sizeof(der), NULL, 0, random_bytes, NULL);
	memset(der, 0, sizeof(der));

	return ret;
}

/* All certificates of some bytes, or an error: mbedTLS counts those that cannot be read. */
static int parse_all(mbedtls_x509_crt *into, const uint8_t *bytes, size_t length)
{
	int ret = mbedtls_x509_crt_parse(into, bytes, length);

	return ret > 0 ? -EBADMSG : ret;
}

static int parse(mbedtls_x509_crt *into, const char *pem)
{
	return pem[0] == '\0' ? 0 : parse_all(into, (const uint8_t *)pem, strlen(pem) + 1);
}

/* Those of the application by which central systems are verified. */
static int parse_given(mbedtls_x509_crt *into, const struct ocpp_port_check *check)
{
	for (size_t i = 0; i < check->tag_count; i++) {
		size_t length = check->spare_size;
		int ret;

		ret = tls_credential_get(check->tags[i], TLS_CREDENTIAL_CA_CERTIFICATE, check->spare,
					 &length);
		if (ret == -ENOENT) {
			continue;
		}
		ret = ret < 0 ? ret : parse_all(into, check->spare, length);
		if (ret < 0) {
			return ret;
		}
	}

	return 0;
}

static int verify_time(void *context, mbedtls_x509_crt *certificate, int depth, uint32_t *flags)
{
	const struct ocpp_port_check *check = context;

	ARG_UNUSED(depth);
	ocpp_port_tls_verify_time(certificate, check->now, flags);

	return 0;
}

/* What signs itself is found among what is trusted without a look at its signature. */
static bool has_signed_itself(const mbedtls_x509_crt *root)
{
	const mbedtls_md_info_t *md = mbedtls_md_info_from_type(root->MBEDTLS_PRIVATE(sig_md));
	uint8_t hash[MBEDTLS_MD_MAX_SIZE];

	if (md == NULL || mbedtls_md(md, root->tbs.p, root->tbs.len, hash) != 0) {
		return false;
	}

	return mbedtls_pk_verify_ext(root->MBEDTLS_PRIVATE(sig_pk), root->MBEDTLS_PRIVATE(sig_opts),
				     (mbedtls_pk_context *)&root->pk,
				     root->MBEDTLS_PRIVATE(sig_md), hash, mbedtls_md_get_size(md),
				     root->MBEDTLS_PRIVATE(sig).p,
				     root->MBEDTLS_PRIVATE(sig).len) == 0;
}

static bool is_same(const mbedtls_x509_buf *one, const mbedtls_x509_buf *other)
{
	return one->len == other->len && memcmp(one->p, other->p, one->len) == 0;
}

static const mbedtls_x509_crt *find_issuer(const mbedtls_x509_crt *certificate,
					   const mbedtls_x509_crt *among)
{
	for (; among != NULL && among->raw.p != NULL; among = among->next) {
		if (is_same(&certificate->issuer_raw, &among->subject_raw)) {
			return among;
		}
	}

	return NULL;
}

static void write_hex(char *into, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		sprintf(&into[2 * i], "%02x", bytes[i]);
	}
	into[2 * length] = '\0';
}

static int write_hash(char *into, const uint8_t *bytes, size_t length)
{
	uint8_t hash[HASH];
	int ret = mbedtls_sha256(bytes, length, hash, 0);

	write_hex(into, hash, sizeof(hash));

	return ret;
}

/* The bits of SubjectPublicKeyInfo (RFC 5280, 4.1). */
static int hash_key(char *into, const mbedtls_x509_crt *issuer)
{
	uint8_t *at = issuer->pk_raw.p;
	const uint8_t *end = at + issuer->pk_raw.len;
	size_t length;
	int ret;

	ret = mbedtls_asn1_get_tag(&at, end, &length,
				   MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE);
	if (ret == 0) {
		ret = mbedtls_asn1_get_tag(&at, end, &length,
					   MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE);
		at += ret == 0 ? length : 0;
	}
	if (ret == 0) {
		ret = mbedtls_asn1_get_bitstring_null(&at, end, &length);
	}

	return ret != 0 ? ret : write_hash(into, at, length);
}

/* Serial numbers are told without leading zeros. They have up to 20 bytes (RFC 5280, 4.1.2.2). */
static int write_serial(struct ocpp_port_check *check, const mbedtls_x509_buf *serial)
{
	char digits[sizeof(check->serial_number) + 2];
	const char *first = digits;

	if (2 * serial->len >= sizeof(digits)) {
		return -EBADMSG;
	}
	write_hex(digits, serial->p, serial->len);
	while (first[0] == '0' && first[1] != '\0') {
		first++;
	}
	if (strlen(first) >= sizeof(check->serial_number)) {
		return -EBADMSG;
	}
	strcpy(check->serial_number, first);

	return 0;
}

static int name(struct ocpp_port_check *check, const mbedtls_x509_crt *certificate,
		const mbedtls_x509_crt *issuer)
{
	int ret = write_hash(check->issuer_name, certificate->issuer_raw.p,
			     certificate->issuer_raw.len);

	if (ret == 0) {
		ret = write_serial(check, &certificate->serial);
	}

	return ret != 0 ? ret : hash_key(check->issuer_key, issuer);
}

/* Which of the keys the certificate is of, -ENOENT for none, or another error. */
static int find_key(const uint8_t (*keys)[OCPP_PORT_KEY], const mbedtls_x509_crt *certificate)
{
	for (int i = 0; i < OCPP_PORT_KEYS; i++) {
		mbedtls_pk_context pk;
		int ret;

		if (memcmp(keys[i], no_key, sizeof(no_key)) == 0) {
			continue;
		}
		mbedtls_pk_init(&pk);
		ret = parse_key(&pk, keys[i]);
		if (ret != 0) {
			mbedtls_pk_free(&pk);
			return ret;
		}
		ret = mbedtls_pk_check_pair(&certificate->pk, &pk, random_bytes, NULL);
		mbedtls_pk_free(&pk);
		if (ret == 0) {
			return i;
		}
		/* Not that it is of another one. */
		if (ret == MBEDTLS_ERR_MPI_ALLOC_FAILED || ret == MBEDTLS_ERR_ECP_ALLOC_FAILED) {
			return ret;
		}
	}

	return -ENOENT;
}

static int check_root(struct ocpp_port_check *check, const mbedtls_x509_crt *root)
{
	uint32_t flags = 0;

	ocpp_port_tls_verify_time(root, check->now, &flags);
	if (root->next != NULL || !root->MBEDTLS_PRIVATE(ca_istrue) || flags != 0 ||
	    !has_signed_itself(root)) {
		return -EBADMSG;
	}

	return name(check, root, root);
}

static int check_chain(struct ocpp_port_check *check, mbedtls_x509_crt *chain,
		       mbedtls_x509_crt *roots)
{
	const mbedtls_x509_crt *issuer;
	uint32_t flags = 0;
	int ret;

	ret = mbedtls_x509_crt_verify(chain, roots, NULL, NULL, &flags, verify_time, check);
	if (ret != 0) {
		return ret;
	}
	issuer = find_issuer(chain, chain->next);
	if (issuer == NULL) {
		issuer = find_issuer(chain, roots);
	}

	return issuer == NULL ? -ENOENT : name(check, chain, issuer);
}

/* AdditionalRootCertificateCheck: the first of all is taken as without. */
static int check_next_root(struct ocpp_port_check *check, mbedtls_x509_crt *root,
			   mbedtls_x509_crt *roots)
{
	if (roots->raw.p == NULL) {
		return check_root(check, root);
	}
	if (root->next != NULL || !root->MBEDTLS_PRIVATE(ca_istrue)) {
		return -EBADMSG;
	}

	return check_chain(check, root, roots);
}

static int check_as(struct ocpp_port_check *check, mbedtls_x509_crt *chain,
		    mbedtls_x509_crt *roots)
{
	int ret;

	switch (check->kind) {
	case OCPP_PORT_CHECK_ROOT:
		return check_root(check, chain);
	case OCPP_PORT_CHECK_NEXT_ROOT:
		return check_next_root(check, chain, roots);
	case OCPP_PORT_CHECK_OWN:
		ret = check_chain(check, chain, roots);
		return ret != 0 ? ret : find_key(check->keys, chain);
	default:
		return check_chain(check, chain, roots);
	}
}

int ocpp_port_certificate_check(struct ocpp_port_check *check)
{
	mbedtls_x509_crt chain, roots;
	int ret;

	ocpp_port_mbedtls_begin();
	mbedtls_x509_crt_init(&chain);
	mbedtls_x509_crt_init(&roots);
	ret = parse(&chain, check->chain);
	if (ret == 0 && chain.raw.p == NULL) {
		ret = -EBADMSG;
	}
	if (ret == 0) {
		ret = parse(&roots, check->roots);
	}
	if (ret == 0 && (check->kind == OCPP_PORT_CHECK_OWN ||
			 check->kind == OCPP_PORT_CHECK_NEXT_ROOT)) {
		ret = parse_given(&roots, check);
	}
	if (ret == 0) {
		ret = check_as(check, &chain, &roots);
	}
	mbedtls_x509_crt_free(&chain);
	mbedtls_x509_crt_free(&roots);
	ocpp_port_mbedtls_end();

	return ret;
}

static int hash_image(uint8_t *hash, uint8_t *piece, size_t room)
{
	mbedtls_sha256_context sha;
	uint32_t at = 0;
	int ret;

	mbedtls_sha256_init(&sha);
	ret = mbedtls_sha256_starts(&sha, 0);
	while (ret == 0) {
		int got = ocpp_port_image_read(at, piece, room);

		if (got <= 0) {
			ret = got;
			break;
		}
		ret = mbedtls_sha256_update(&sha, piece, got);
		at += got;
	}
	if (ret == 0) {
		ret = mbedtls_sha256_finish(&sha, hash);
	}
	mbedtls_sha256_free(&sha);

	return ret;
}

/* RSA-PSS or ECDSA with SHA-256; PKCS #1 v1.5 is no signature here. */
static int verify_signature(mbedtls_pk_context *key, const uint8_t *hash, const uint8_t *signature,
			    size_t length)
{
	const mbedtls_pk_rsassa_pss_options options = {
		.mgf1_hash_id = MBEDTLS_MD_SHA256,
		.expected_salt_len = MBEDTLS_RSA_SALT_LEN_ANY,
	};

	if (mbedtls_pk_can_do(key, MBEDTLS_PK_RSA)) {
		return mbedtls_pk_verify_ext(MBEDTLS_PK_RSASSA_PSS, &options, key,
					     MBEDTLS_MD_SHA256, hash, HASH, signature, length);
	}

	return mbedtls_pk_verify(key, MBEDTLS_MD_SHA256, hash, HASH, signature, length);
}

int ocpp_port_firmware_verify(const char *certificate, const char *signature, uint8_t *spare,
			      size_t spare_size)
{
	static uint8_t decoded[LONGEST_SIGNATURE];
	mbedtls_x509_crt chain;
	uint8_t hash[HASH];
	size_t length;
	int ret;

	ret = mbedtls_base64_decode(decoded, sizeof(decoded), &length, (const uint8_t *)signature,
				    strlen(signature));
	if (ret != 0) {
		return ret;
	}
	ret = hash_image(hash, spare, spare_size);
	if (ret != 0) {
		return ret;
	}
	ocpp_port_mbedtls_begin();
	mbedtls_x509_crt_init(&chain);
	ret = parse(&chain, certificate);
	if (ret == 0) {
		ret = chain.raw.p == NULL ? -EBADMSG
					  : verify_signature(&chain.pk, hash, decoded, length);
	}
	mbedtls_x509_crt_free(&chain);
	ocpp_port_mbedtls_end();

	return ret;
}

static int make_key(uint8_t *key)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	psa_key_id_t id;
	psa_status_t status;
	size_t length = 0;

	psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
	psa_set_key_bits(&attributes, 256);
	psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_EXPORT);
	status = psa_crypto_init();
	if (status == PSA_SUCCESS) {
		status = psa_generate_key(&attributes, &id);
	}
	if (status != PSA_SUCCESS) {
		return -EIO;
	}
	status = psa_export_key(id, key, OCPP_PORT_KEY, &length);
	(void)psa_destroy_key(id);

	return status == PSA_SUCCESS && length == OCPP_PORT_KEY ? 0 : -EIO;
}

/* A value of a name, in which mbedTLS wants some characters to be marked (RFC 4514). */
static int write_value(char *into, size_t room, const char *value)
{
	size_t used = strlen(into);

	for (; *value != '\0'; value++) {
		bool is_marked = strchr(",+\"\\<>;=#", *value) != NULL;

		if (used + is_marked + 2 > room) {
			return -ENAMETOOLONG;
		}
		if (is_marked) {
			into[used++] = '\\';
		}
		into[used++] = *value;
	}
	into[used] = '\0';

	return 0;
}

static int write_request(mbedtls_pk_context *pk, const char *subject, uint8_t *pem, size_t room)
{
	mbedtls_x509write_csr csr;
	int ret;

	mbedtls_x509write_csr_init(&csr);
	mbedtls_x509write_csr_set_md_alg(&csr, MBEDTLS_MD_SHA256);
	mbedtls_x509write_csr_set_key(&csr, pk);
	ret = mbedtls_x509write_csr_set_subject_name(&csr, subject);
	if (ret == 0) {
		ret = mbedtls_x509write_csr_pem(&csr, pem, room, random_bytes, NULL);
	}
	mbedtls_x509write_csr_free(&csr);

	return ret;
}

int ocpp_port_certificate_request(const char *common_name, const char *organization, uint8_t *key,
				  uint8_t *pem, size_t room)
{
	char subject[2 * (64 + 64) + sizeof("CN=,O=")] = "CN=";
	mbedtls_pk_context pk;
	int ret;

	ret = write_value(subject, sizeof(subject) - sizeof(",O="), common_name);
	if (ret == 0) {
		strcat(subject, ",O=");
		ret = write_value(subject, sizeof(subject), organization);
	}
	if (ret != 0) {
		return ret;
	}
	ocpp_port_mbedtls_begin();
	mbedtls_pk_init(&pk);
	if (memcmp(key, no_key, sizeof(no_key)) == 0) {
		ret = make_key(key);
	}
	if (ret == 0) {
		ret = parse_key(&pk, key);
	}
	if (ret == 0) {
		ret = write_request(&pk, subject, pem, room);
	}
	mbedtls_pk_free(&pk);
	ocpp_port_mbedtls_end();

	return ret;
}

static int add(enum tls_credential_type type, const void *credential, size_t length)
{
	return tls_credential_add(CONFIG_OCPP_TLS_TAG, type, credential, length);
}

int ocpp_port_certificate_key(const char *pem, const uint8_t (*keys)[OCPP_PORT_KEY])
{
	mbedtls_x509_crt chain;
	int key;

	ocpp_port_mbedtls_begin();
	mbedtls_x509_crt_init(&chain);
	key = parse(&chain, pem);
	if (key == 0) {
		key = chain.raw.p == NULL ? -EBADMSG : find_key(keys, &chain);
	}
	mbedtls_x509_crt_free(&chain);
	ocpp_port_mbedtls_end();

	return key == -ENOENT ? OCPP_PORT_KEYS : key;
}

int64_t ocpp_port_certificate_end(const char *pem)
{
	mbedtls_x509_crt chain;
	int64_t end;

	mbedtls_x509_crt_init(&chain);
	end = parse(&chain, pem);
	if (end == 0) {
		end = chain.raw.p == NULL ? -EBADMSG : ocpp_port_tls_seconds(&chain.valid_to);
	}
	mbedtls_x509_crt_free(&chain);

	return end;
}

static int add_chain(struct ocpp_port_own *own)
{
	int key = ocpp_port_certificate_key(own->chain, own->keys);
	int ret;

	if (key < 0 || key == OCPP_PORT_KEYS) {
		return key < 0 ? key : -ENOENT;
	}
	write_der(own->keys[key], own->der);
	ret = add(TLS_CREDENTIAL_PUBLIC_CERTIFICATE, own->chain, strlen(own->chain) + 1);
	if (ret == 0) {
		ret = add(TLS_CREDENTIAL_PRIVATE_KEY, own->der, sizeof(own->der));
	}

	return ret < 0 ? ret : key;
}

int ocpp_port_credentials_add(struct ocpp_port_own *own)
{
	int ret = 0;

	if (own->roots[0] != '\0') {
		ret = add(TLS_CREDENTIAL_CA_CERTIFICATE, own->roots, strlen(own->roots) + 1);
	}
	if (ret == 0 && own->chain[0] != '\0') {
		ret = add_chain(own);
	}

	return ret;
}

void ocpp_port_credentials_remove(void)
{
	const int tag = CONFIG_OCPP_TLS_TAG;

	(void)tls_credential_delete(tag, TLS_CREDENTIAL_CA_CERTIFICATE);
	(void)tls_credential_delete(tag, TLS_CREDENTIAL_PUBLIC_CERTIFICATE);
	(void)tls_credential_delete(tag, TLS_CREDENTIAL_PRIVATE_KEY);
}
