export type { RoomSales } from './service.ts'
export { createWaitingRooms, type WaitingRooms, type WaitingRoomsOptions, waitingRoomOpening } from './waiting-rooms.ts'
