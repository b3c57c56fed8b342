-- wrk: POST of new statusmeldingen, each with its own meldingId, ketenid and person.
-- Arguments after --: token, meldingen per request.
local token, size, n

function init(args)
    token, size = args[1], tonumber(args[2])
    n = tonumber(args[3]) or 0
    wrk.method = "POST"
    wrk.headers["Authorization"] = "Bearer " .. token
    wrk.headers["Content-Type"] = "application/json"
end

-- Nine digits that pass the elfproef.
local function bsn(i)
    local base = 10000000 + (i % 8000000) * 10
    while true do
        local sum, rest = 0, base
        for weight = 2, 9 do
            sum = sum + weight * (rest % 10)
            rest = math.floor(rest / 10)
        end
        if sum % 11 < 10 then return base * 10 + sum % 11 end
        base = base + 1
    end
end

local form = '{"meldingId":"%08x-0000-4000-8000-000000000000","ketenid":"%s:%08d",' ..
    '"bsn":"%09d","instellingserkenningscode":"%s","opleidingcode":"25655",' ..
    '"leertrajectmbo":"BOL","status":"RECEIVED","begindatum":"2023-05-02T08:15:30Z",' ..
    '"statussource":"SIS","identificatie":"DIGID"}'

function request()
    local list = {}
    for i = 1, size do
        n = n + 1
        list[i] = string.format(form, n, "00GT", n, bsn(n), "00GT")
    end
    return wrk.format(nil, nil, nil, '{"statusmeldingen":[' .. table.concat(list, ",") .. "]}")
end

local refused = 0
function response(status)
    if status ~= 202 then refused = refused + 1 end
end
