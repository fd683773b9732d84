#!/usr/bin/env bash
# apt: php-cgi php-cgi
# FOLDER/echo.php prints its input, `n` bytes for the parameter n, and a line on standard error.
cat >"$2/echo.php" <<'PHP'
<?php
error_log("logged");
echo file_get_contents("php://input"), str_repeat("x", (int) ($_GET["n"] ?? 0));
PHP
export PHP_FCGI_CHILDREN=0 PHP_FCGI_MAX_REQUESTS=100000
exec php-cgi -d error_log= -d log_errors=1 -d post_max_size=64M -b "127.0.0.1:$1"
