#include "gateway/callback/callback_queue.h"

void callback_queues_init(struct callback_queues *queues)
{
    queues->all = NULL;
    queues->has_forgotten = false;
    list_init(&queues->ready);
    list_init(&queues->hungry);
}

static void free_all(struct list *callbacks)
{
    for (struct list *link; (link = list_first(callbacks)) != NULL;) {
        list_remove(link);
        mem_free(CONTAINER_OF(link, struct owed_callback, link));
    }
}

static void destroy(struct callback_queue *queue)
{
    free_all(&queue->loaded);
    free_all(&queue->under_way);
    list_remove(&queue->link);
    HASH_DEL(queue->owner->all, queue);
    mem_free(queue);
}

void callback_queues_finish(struct callback_queues *queues)
{
    struct callback_queue *queue, *next;
    HASH_ITER(hh, queues->all, queue, next)
    destroy(queue);
}

static void make_room(struct callback_queues *queues)
{
    struct callback_queue *queue, *next;
    HASH_ITER(hh, queues->all, queue, next)
    {
        if (queue->under_way_count > 0 || queue->is_reading)
            continue;
        destroy(queue);
        queues->has_forgotten = true;
        return;
    }
}

struct callback_queue *callback_queues_find(struct callback_queues *queues, int64_t id)
{
    struct callback_queue *queue;
    HASH_FIND(hh, queues->all, &id, sizeof(id), queue);
    if (queue != NULL)
        return queue;
    if (HASH_COUNT(queues->all) >= CALLBACK_QUEUES_MAX)
        make_room(queues);
    queue = NEW(struct callback_queue);
    queue->owner = queues;
    queue->id = id;
    list_init(&queue->loaded);
    list_init(&queue->under_way);
    list_init(&queue->link);
    HASH_ADD(hh, queues->all, id, sizeof(queue->id), queue);
    return queue;
}

void callback_queue_place(struct callback_queue *queue)
{
    list_remove(&queue->link);
    if (queue->is_reading)
        return;
    if (!list_is_empty(&queue->loaded))
        list_append(&queue->owner->ready, &queue->link);
    else if (queue->may_have_more)
        list_append(&queue->owner->hungry, &queue->link);
    else if (queue->under_way_count == 0)
        destroy(queue);
}

static bool is_under_way(const struct callback_queue *queue, const struct callback_key *key)
{
    for (const struct list *link = queue->under_way.next; link != &queue->under_way;
         link = link->next) {
        const struct callback_key *other =
            &CONTAINER_OF(link, struct owed_callback, link)->callback.key;
        if (other->serial == key->serial && other->number == key->number &&
            other->tenant_id == key->tenant_id)
            return true;
    }
    return false;
}

void callback_queue_load(struct callback_queue *queue, const struct store_callback *callback)
{
    struct store_callback copy = *callback;
    struct str *const texts[] = {
        &copy.url,        &copy.call.caller,  &copy.call.called, &copy.call.call_data,
        &copy.call.tel_x, &copy.call.call_id, &copy.call.code,   &copy.call.called_display};
    size_t size = 0;
    if (is_under_way(queue, &callback->key))
        return;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        size += texts[i]->len;
    struct owed_callback *owed = mem_alloc(sizeof(*owed) + size);
    char *at = owed->text;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        memcpy(at, texts[i]->len > 0 ? texts[i]->ptr : "", texts[i]->len);
        texts[i]->ptr = at;
        at += texts[i]->len;
    }
    owed->queue = queue;
    owed->callback = copy;
    list_init(&owed->unsaved);
    list_append(&queue->loaded, &owed->link);
}

struct owed_callback *callback_queue_first(const struct callback_queue *queue)
{
    return CONTAINER_OF(list_first(&queue->loaded), struct owed_callback, link);
}

void callback_queue_begin(struct owed_callback *owed)
{
    list_remove(&owed->link);
    list_append(&owed->queue->under_way, &owed->link);
    owed->queue->under_way_count++;
}

void callback_queue_end(struct owed_callback *owed)
{
    struct callback_queue *queue = owed->queue;
    queue->has_changed = true;
    queue->under_way_count--;
    list_remove(&owed->link);
    mem_free(owed);
}
